import Testing

@testable import Holds

@Suite struct StoreFailureTests {
    @Test(
        "a failure of the store is a sentence wherever it is shown",
        arguments: [
            (.unavailable(reason: "cannot write x: disk full"), "cannot write x: disk full"),
            (.damaged(reason: "x does not open"), "x does not open"),
            (.impossible(from: "done", to: "pending"), "a hold cannot go from done to pending"),
        ] as [(StoreFailure, String)])
    func sentence(failure: StoreFailure, sentence: String) {
        #expect("\(failure)" == sentence)
        #expect(GateFailure(failure) == .storeDown(reason: sentence))
    }
}
