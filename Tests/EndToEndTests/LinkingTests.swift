import Foundation
import Testing

@Suite struct LinkingTests {
    @Test("the program is linked to no Foundation, whose start and memory every agent would pay")
    func foundation() throws {
        let program = try Data(contentsOf: URL(fileURLWithPath: Place.tiergate))
        #expect(program.range(of: Data("libswift_Concurrency.so".utf8)) != nil)
        #expect(program.range(of: Data("Foundation.so".utf8)) == nil)
        #expect(program.range(of: Data("libFoundationEssentials".utf8)) == nil)
    }
}
