import Calls
package import Holds
package import JSON

/// One stop as operators see it.
package struct StopView: Hashable, Sendable {
    /// `everything`, `agent:NAME` or `session:ID`.
    package let scope: String
    /// `killed` or `frozen`.
    package let state: String
    /// Who or what asked for it, with the reason.
    package let cause: String
    package let at: String

    package init(_ stop: Stop) {
        scope = VisibleText.show(stop.scope.description)
        state = stop.kind.participle
        cause = VisibleText.show(stop.cause.description, limit: RequestView.valueLimit)
        at = stop.at.description
    }

    /// `everything was killed by ada: a reason, at 2026-…`
    package var sentence: String { "\(scope) \(happened)" }
    package var happened: String { "was \(state) by \(cause), at \(at)" }

    package func write(into json: inout JSONWriter.Object) {
        json.field("scope", scope)
        json.field("state", state)
        json.field("cause", cause)
        json.field("at", at)
    }

    init(_ json: JSONReader) throws(JSONReader.Mismatch) {
        scope = try json.string("scope")
        state = try json.string("state")
        cause = try json.string("cause")
        at = try json.string("at")
    }
}

extension JSONWriter.Object {
    mutating func stops(_ stops: [StopView]) {
        array("stops") { array in for stop in stops { array.object { stop.write(into: &$0) } } }
    }
}

/// What the kill switch says: asked for, or after it was set or lifted.
package struct StopReportView: Hashable, Sendable {
    /// All that is stopped now, the widest first.
    package let stops: [StopView]
    /// The one that was asked for, set or lifted; nil in a list.
    package let stop: StopView?
    /// Holds that a kill ended.
    package let killed: Int
    /// Holds that were being sent at that moment; how they end is recorded.
    package let sending: [String]
    /// It is so, and something is wrong nevertheless.
    package let warnings: [String]
    /// Why a decision proves nothing; nil where the socket is a boundary.
    package let weakness: String?

    package func write(into json: inout JSONWriter.Object) {
        json.field("advisory", weakness)
        if let stop { json.object("stop") { stop.write(into: &$0) } }
        json.field("killed_holds", killed)
        json.array("sending", sending)
        json.array("warnings", warnings)
        json.stops(stops)
    }

    init(
        stops: [Stop], stop: Stop? = nil, killed: Int = 0, sending: [HoldID] = [], warnings: [String] = [],
        weakness: String?
    ) {
        self.stops = stops.map(StopView.init)
        self.stop = stop.map(StopView.init)
        self.killed = killed
        self.sending = sending.map(\.description)
        self.warnings = warnings
        self.weakness = weakness
    }

    init(_ json: JSONReader) throws(JSONReader.Mismatch) {
        stops = try json.objects("stops", StopView.init)
        stop = try json.objectIfAny("stop", StopView.init)
        killed = try json.count("killed_holds")
        sending = try json.strings("sending")
        warnings = try json.strings("warnings")
        weakness = try json.stringIfAny("advisory")
    }
}
