import Calls
import Client
import Holds
import System
import Wire

/// Everything that can keep a call from being sent or answered. `Refusal` says each in the agent's words.
///
/// Indirect, because every suspended call has room for one, at each place that may throw it.
indirect enum CallFailure: Error {
    /// The bytes have no reading, or more than one.
    case malformed(WireError)
    /// The agent stopped in the middle of its request.
    case incomplete(IOError)
    /// The body is over `hold.body`, and somebody needs all of it.
    case bodyTooLarge(limit: Int)
    /// The bodies of other calls take all the memory that there is for them.
    case busy
    /// The peer has not proved which agent it is.
    case unproven(Unproven)
    /// A connection that came by interception says nothing that can be judged.
    case unspoken(Unspoken)
    /// A question for a name that is not answered.
    case unanswered(Unanswered)
    /// What one session may take is taken.
    case overLimit(SessionLimit, retryAfter: Int)
    /// The body could not be put aside.
    case spool(StoreFailure)
    /// Blocked, killed, frozen, full, a store or a journal that is down.
    case gate(GateFailure)
    /// No connection; nothing was sent.
    case upstream(UpstreamFailure)
    /// Connecting took too long, or the rules or the kill switch changed meanwhile; nothing was sent.
    case permit(PermitFailure)
    /// Sent, and no whole answer came back. `hold` is now uncertain where there is one.
    case lostAfterSending(cause: String, hold: HoldID?)
    /// Held, and the client's patience is over; `attempt` counts how often it was told.
    /// `usual` is what people usually take.
    case held(Hold, attempt: Int, usual: Interval? = nil)
    /// The same call is being sent for another connection, and the client's patience is over.
    case underWay(Hold, attempt: Int)
    /// Held, and the store cannot say how it stands now.
    case unreadable(Hold, reason: String)
    /// Approved, but the session is frozen, and the client's patience is over.
    case frozen(Hold, attempt: Int)
    /// Killed while the call waited for its hold, which may be one that another connection is sending. No stop: it was
    /// lifted since.
    case killed(Stop?, Hold, mayHaveLeft: Bool)
    case rejected(Hold, Decision)
    case expired(Hold)
    /// The agent took the call back on another connection.
    case withdrawn(Hold)
    case uncertain(Hold, cause: String)
    /// A person found out that it had not been carried out.
    case notExecuted(Hold)
    /// Executed, and the answer is gone.
    case answerLost(Hold)
    /// The agent hung up while its call was held; the hold stays.
    case gone(Hold)
    /// What the agent asked of the gate itself cannot be done.
    case desk(DeskProblem)

    /// What is missing for a peer to be an agent.
    enum Unproven {
        /// It brought no token, and its account proves nothing.
        case noToken
        /// What it brought is no agent's.
        case wrongToken
    }

    /// Why an intercepted connection carries no calls; each is about the place it was going to.
    enum Unspoken {
        /// The first bytes are neither TLS nor HTTP/1.
        case foreign(String)
        /// Nothing came: in this protocol the server speaks first, or nobody meant anything by it.
        case silent(String, milliseconds: Int64)
        /// It was going to the gate itself.
        case own(String)
        /// An address that stands for names, but for none that was asked for in this run.
        case nameless(String)
    }

    /// Why a question for a name gets no answer.
    enum Unanswered {
        /// A rule forbids the name.
        case blocked(reason: String)
        /// No rule lets questions of this type pass by themselves, and nobody waits for a person that long.
        case notPassed(reason: String)
        /// The name looks as if it carried something out.
        case scrutinised(String)
        /// The session has all the names that it may have.
        case tooManyNames(limit: Int)
        /// No name server answered.
        case failed(String)
    }
}
