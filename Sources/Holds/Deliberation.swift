package import Calls

/// What people have done about a hold so far: the way to its decision, kept after it for those who ask how it came about.
package struct Deliberation: Hashable, Sendable {
    /// Approvals of what would be sent now, one a person; an edit and a change of what is held void them.
    package private(set) var votes: [Vote] = []
    /// Who has taken it on.
    package private(set) var claim: Claim?
    package private(set) var questions: [Question] = []
    package private(set) var edits: [Edit] = []
    /// Since when somebody acts on it: the time for a first act is over, or never ends.
    package private(set) var firstAct: Timestamp?
    /// When a rejection was taken back last; nil: never.
    package private(set) var restarted: Timestamp?
    /// How many of the groups that are told one after the other have been.
    package private(set) var escalated = 0
    /// How many of the warnings before the end of its time have been given.
    package private(set) var warned = 0
    /// Nobody acted in the time for it, and the session was stopped.
    package private(set) var isUnheard = false

    /// Questions about one hold; an agent that cannot answer that many needs another way to be heard.
    package static let mostQuestions = 16
    /// Edits of one hold.
    package static let mostEdits = 16

    package init() {}

    package struct Vote: Hashable, Sendable {
        package let decision: Decision
        /// The groups in whose name the person spoke; empty where the rules name none.
        package let groups: [String]

        package init(decision: Decision, groups: [String]) {
            self.decision = decision
            self.groups = groups
        }
    }

    package struct Claim: Hashable, Sendable {
        package let by: Operator
        package let at: Timestamp

        package init(by: Operator, at: Timestamp) {
            self.by = by
            self.at = at
        }
    }

    /// What a person needs to know from the agent, and what came back.
    package struct Question: Hashable, Sendable {
        package let by: Operator
        package let at: Timestamp
        package let text: String
        /// The agent's own words.
        package var answer: String?

        package init(by: Operator, at: Timestamp, text: String, answer: String? = nil) {
            self.by = by
            self.at = at
            self.text = text
            self.answer = answer
        }
    }

    /// A change that a person made to what will be sent.
    package struct Edit: Hashable, Sendable {
        package let by: Operator
        package let at: Timestamp
        package let before: Digest
        package let after: Digest
        /// What changed, a line each, for operators and for the agent; nothing secret is in it.
        package let changes: [String]

        package init(by: Operator, at: Timestamp, before: Digest, after: Digest, changes: [String]) {
            self.by = by
            self.at = at
            self.before = before
            self.after = after
            self.changes = changes
        }
    }

    /// Whether the agent has been asked something, and has not answered.
    package var isAsking: Bool { questions.last.map { $0.answer == nil } ?? false }

    /// What the agent has been asked and has not answered.
    package var openQuestion: String? { isAsking ? questions.last?.text : nil }

    /// Whether what the rules ask of a decision has been given: in each group, enough people.
    package func satisfies(_ terms: Terms) -> Bool {
        guard !terms.approvers.isEmpty else { return votes.count >= terms.quorum }
        return terms.approvers.allSatisfy { count(of: $0) >= terms.quorum }
    }

    /// How many people have spoken for a group.
    package func count(of group: String) -> Int { votes.count { $0.groups.contains(group) } }

    // MARK: Steps

    package mutating func add(_ vote: Vote) {
        votes.append(vote)
        noteAct(at: vote.decision.at)
    }

    /// What was approved is not what would be sent now.
    package mutating func voidVotes() { votes = [] }

    package mutating func take(_ claim: Claim?, at time: Timestamp) {
        self.claim = claim
        noteAct(at: time)
    }

    package mutating func ask(_ question: Question) {
        questions.append(question)
        noteAct(at: question.at)
    }

    package mutating func answer(_ text: String) {
        guard isAsking else { return }
        questions[questions.count - 1].answer = text
    }

    package mutating func note(_ edit: Edit) {
        edits.append(edit)
        voidVotes()
        noteAct(at: edit.at)
    }

    package mutating func noteAct(at time: Timestamp) {
        guard firstAct == nil else { return }
        firstAct = time
        warned = 0
    }

    /// The clock has told `escalated` groups, and given `warned` warnings.
    package mutating func noteTold(escalated: Int, warned: Int) {
        self.escalated = escalated
        self.warned = warned
    }

    package mutating func noteUnheard() { isUnheard = true }

    /// A rejection was taken back: people and the clock begin anew.
    package mutating func restart(at time: Timestamp) {
        restarted = time
        votes = []
        claim = nil
        firstAct = nil
        escalated = 0
        warned = 0
        isUnheard = false
    }

    /// As it was kept.
    package init(
        votes: [Vote], claim: Claim?, questions: [Question], edits: [Edit], firstAct: Timestamp?, restarted: Timestamp?,
        escalated: Int, warned: Int, isUnheard: Bool
    ) {
        self.votes = votes
        self.claim = claim
        self.questions = questions
        self.edits = edits
        self.firstAct = firstAct
        self.restarted = restarted
        self.escalated = escalated
        self.warned = warned
        self.isUnheard = isUnheard
    }
}
