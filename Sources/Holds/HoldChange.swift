package import Calls

/// What changes about a hold, in one transaction: all of it or nothing.
package struct HoldChange: Sendable {
    /// Nil: it stands where it stood, and people or the clock have done something.
    package var state: HoldState?
    /// The end of its time.
    package var expires: Timestamp?
    package var facts: Hold.Facts?
    package var deliberation: Deliberation?
    /// What will be sent instead of what the agent sent.
    package var edited: Edited?
    /// What the call is about to change, as it was read when it was held.
    package var before: Content?

    /// The call as a person changed it, and the digest under which it is approved.
    package struct Edited: Sendable {
        package let digest: Digest
        package let content: Content

        package init(digest: Digest, content: Content) {
            self.digest = digest
            self.content = content
        }
    }

    package init(
        to state: HoldState? = nil, expires: Timestamp? = nil, facts: Hold.Facts? = nil,
        deliberation: Deliberation? = nil, edited: Edited? = nil, before: Content? = nil
    ) {
        self.state = state
        self.expires = expires
        self.facts = facts
        self.deliberation = deliberation
        self.edited = edited
        self.before = before
    }

    /// The hold after it; what the state machine does not have is refused.
    package func applied(to hold: Hold) throws(StoreFailure) -> Hold {
        if let state, !hold.state.leads(to: state) {
            throw .impossible(from: hold.state.name, to: state.name)
        }
        // Time, people and edits belong to a hold that is still to be sent.
        if state == nil, !hold.state.canExpire { throw .impossible(from: hold.state.name, to: hold.state.name) }
        return hold.with(
            state: state, facts: facts, expires: expires, deliberation: deliberation, digest: edited?.digest,
            version: hold.version + 1)
    }
}
