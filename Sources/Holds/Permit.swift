package import Calls

/// The single-use right to send one call, which it owns.
///
/// Only `Gate` makes one, and `spend` consumes it: nothing is sent without one, nothing twice, and judging one call and
/// sending another cannot be written.
package struct Permit: ~Copyable, Sendable {
    /// From the decision to the first byte; longer, and the rules may be others by then.
    package static let life = Interval.seconds(5)

    private let call: Call
    /// The hold that is being spent, in state `sending`; nil for a call that passed.
    package let hold: Hold?
    private let expires: Timestamp
    private let verdict: Verdict
    private let epoch: KillSwitch.Epoch

    init(_ call: Call, _ verdict: Verdict, hold: Hold?, from now: Timestamp, epoch: KillSwitch.Epoch) {
        self.call = call
        self.hold = hold
        expires = now + Permit.life
        self.verdict = verdict
        self.epoch = epoch
    }

    /// Passed as tier 1, which a freeze lets through.
    private var isReading: Bool { hold == nil && verdict.tier == .readOnly }

    /// Where to connect to; the call itself comes out only by `spend`.
    package var target: Target { call.target }

    /// The call, to be written now: after connecting, right before the first byte.
    ///
    /// - Parameters:
    ///   - rules: digest of the rule set in force at this moment.
    ///   - killSwitch: the gate's own.
    package consuming func spend(
        at now: Timestamp, under rules: String, heeding killSwitch: KillSwitch
    ) throws(PermitFailure) -> Call {
        if let objection = killSwitch.objection(to: call.session, isReading: isReading, since: epoch) {
            throw objection
        }
        guard now < expires else { throw .expired }
        guard rules == verdict.rulesDigest else { throw .rulesChanged }
        return call
    }
}

/// Why a permit was not honoured; nothing was sent.
package indirect enum PermitFailure: Error, Hashable, Sendable {
    /// Connecting took longer than it lives.
    case expired
    /// Other rules are in force than those that judged.
    case rulesChanged
    case frozen(Stop)
    case killed(Stop)
    /// Killed after it was made, and resumed since: what was admitted before a kill does not come back.
    case voided

    /// Whether an approval that was to be spent is over, not unspent.
    package var isKill: Bool {
        switch self {
        case .killed, .voided: true
        case .expired, .rulesChanged, .frozen: false
        }
    }
}
