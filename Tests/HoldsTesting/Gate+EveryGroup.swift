package import Calls
package import Holds

/// Decisions where no groups are kept.
extension Gate {
    @discardableResult
    package func approve(_ id: HoldID, digest: Digest, decision: Decision) async throws(DecisionFailure) -> Hold {
        try await approve(id, digest: digest, decision: decision, as: .everyGroup)
    }

    @discardableResult
    package func reject(_ id: HoldID, digest: Digest, decision: Decision) async throws(DecisionFailure) -> Hold {
        try await reject(id, digest: digest, decision: decision, as: .everyGroup)
    }

    package func reopen(_ id: HoldID, digest: Digest, decision: Decision) async throws(DecisionFailure) -> Hold {
        try await reopen(id, digest: digest, decision: decision, as: .everyGroup)
    }

    package func resolve(
        _ id: HoldID, digest: Digest, wasExecuted: Bool, decision: Decision
    ) async throws(DecisionFailure) -> Hold {
        try await resolve(id, digest: digest, wasExecuted: wasExecuted, decision: decision, as: .everyGroup)
    }
}
