package import Calls

/// That nothing of a scope is sent, or only what reads: why, and since when.
package struct Stop: Hashable, Sendable, CustomStringConvertible {
    package enum Kind: String, Sendable, CaseIterable, Comparable {
        /// Tier 1 passes, everything else waits.
        case freeze
        /// Nothing passes, and what waited is over.
        case kill

        /// The stricter one is the greater one.
        package static func < (a: Kind, b: Kind) -> Bool { a == .freeze && b == .kill }

        /// How a scope is then: `frozen`, `killed`.
        package var participle: String {
            switch self {
            case .freeze: "frozen"
            case .kill: "killed"
            }
        }
    }

    /// Who or what asked for it.
    package enum Cause: Hashable, Sendable {
        case person(Operator, reason: String?)
        case signal(Operator)
        /// A file with this path was there.
        case file(String)
        /// Nobody looked at a hold in time.
        case silence(HoldID)
        /// A call that was flagged, where a rule says so.
        case flagged(CallID)
    }

    package let scope: Scope
    package let kind: Kind
    package let cause: Cause
    package let at: Timestamp

    package init(_ scope: Scope, _ kind: Kind, by cause: Cause, at: Timestamp) {
        self.scope = scope
        self.kind = kind
        self.cause = cause
        self.at = at
    }

    /// `everything was killed by ada: a reason`; for operators and the journal, never for an agent.
    package var description: String { "\(scope) was \(kind.participle) by \(cause)" }
}

extension Stop.Cause: CustomStringConvertible {
    package var description: String {
        switch self {
        case .person(let by, let reason): reason.map { "\(by): \($0)" } ?? by.description
        case .signal(let by): "SIGUSR2 from \(by)"
        case .file(let path): "the file \(path)"
        case .silence(let hold): "silence: nobody looked at \(hold) in time"
        case .flagged(let call): "the flagged call \(call)"
        }
    }
}

/// How a session stands with the kill switch: by the strictest stop of those whose scope contains it.
package indirect enum Standing: Hashable, Sendable {
    case running
    case frozen(Stop)
    case killed(Stop)

    package var stop: Stop? {
        switch self {
        case .running: nil
        case .frozen(let stop), .killed(let stop): stop
        }
    }
}
