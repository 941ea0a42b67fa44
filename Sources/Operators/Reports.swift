import Calls
import Holds
package import JSON

/// What a list says.
package struct HoldList: Hashable, Sendable {
    package let holds: [HoldView]
    /// There are no more than these.
    package let isComplete: Bool
    /// Why a decision proves nothing; nil where the socket is a boundary.
    package let weakness: String?
    /// What the kill switch has stopped.
    package let stops: [StopView]

    /// Every state that a list can be asked for.
    package static let states = HoldState.names

    package func write(into json: inout JSONWriter.Object) {
        json.field("advisory", weakness)
        json.field("complete", isComplete)
        json.stops(stops)
        json.array("holds") { array in
            for hold in holds { array.object { hold.write(into: &$0) } }
        }
    }

    init(holds: [HoldView], isComplete: Bool, weakness: String?, stops: [StopView] = []) {
        self.holds = holds
        self.isComplete = isComplete
        self.weakness = weakness
        self.stops = stops
    }

    init(_ json: JSONReader) throws(JSONReader.Mismatch) {
        holds = try json.objects("holds", HoldView.init)
        isComplete = try json.bool("complete")
        stops = try json.objects("stops", StopView.init)
        weakness = try json.stringIfAny("advisory")
    }
}

/// One hold, and what a decision about it brought.
package struct HoldReport: Hashable, Sendable {
    package let hold: HoldView
    /// After a decision: what happens now.
    package let next: String?
    /// The decision stands, and something is wrong nevertheless.
    package let warning: String?
    package let weakness: String?
    /// What the call is about to change, where a rule has it looked at; empty in the answer to a decision.
    package let seen: [SightingView]

    package func write(into json: inout JSONWriter.Object) {
        json.field("advisory", weakness)
        if let next { json.field("next", next) }
        if let warning { json.field("warning", warning) }
        if !seen.isEmpty {
            json.array("seen") { array in for sighting in seen { array.object(sighting.write) } }
        }
        json.object("hold") { hold.write(into: &$0) }
    }

    init(hold: HoldView, next: String?, warning: String?, weakness: String?, seen: [SightingView] = []) {
        self.hold = hold
        self.seen = seen
        self.next = next
        self.warning = warning
        self.weakness = weakness
    }

    init(_ json: JSONReader) throws(JSONReader.Mismatch) {
        hold = try json.object("hold", HoldView.init)
        seen = try json.objectsIfAny("seen", SightingView.init)
        next = try json.stringIfAny("next")
        warning = try json.stringIfAny("warning")
        weakness = try json.stringIfAny("advisory")
    }
}

/// How the gate is.
package struct HealthView: Hashable, Sendable {
    package let version: String
    package let weakness: String?
    package let time: String
    package let rulesDigest: String
    /// Nil where it works; otherwise what fails.
    package let storeFailure: String?
    package let journalFailure: String?
    /// Of recordings, without which the gate works.
    package let recordingFailure: String?
    /// Connections of agents that wait for a decision.
    package let waiting: Int
    package let stops: [StopView]

    package var isWorking: Bool { storeFailure == nil && journalFailure == nil }

    package func write(into json: inout JSONWriter.Object) {
        json.field("status", isWorking ? "working" : "failing")
        json.field("version", version)
        json.field("advisory", weakness)
        json.field("time", time)
        json.field("rules_digest", rulesDigest)
        json.field("store_failure", storeFailure)
        json.field("journal_failure", journalFailure)
        json.field("recording_failure", recordingFailure)
        json.field("waiting", waiting)
        json.stops(stops)
    }

    init(_ health: GateHealth, version: String, boundary: Boundary, waiting: Int, stops: [Stop], now: Timestamp) {
        self.version = version
        weakness = boundary.weakness
        time = now.description
        rulesDigest = health.rulesDigest
        storeFailure = health.store.failure
        journalFailure = health.journal.failure
        recordingFailure = health.recording.failure
        self.waiting = waiting
        self.stops = stops.map(StopView.init)
    }

    init(_ json: JSONReader) throws(JSONReader.Mismatch) {
        version = try json.string("version")
        weakness = try json.stringIfAny("advisory")
        time = try json.string("time")
        rulesDigest = try json.string("rules_digest")
        storeFailure = try json.stringIfAny("store_failure")
        journalFailure = try json.stringIfAny("journal_failure")
        recordingFailure = try json.stringIfAny("recording_failure")
        waiting = try json.count("waiting")
        stops = try json.objects("stops", StopView.init)
    }
}

extension GateHealth.Part {
    fileprivate var failure: String? {
        switch self {
        case .working: nil
        case .failing(let sentence): sentence
        }
    }
}
