package import Calls
import JSON

/// One entry of a recording.
package enum RecordedEntry: Hashable, Sendable {
    case call(RecordedCall)
    /// Calls that were judged and are not in the recording, and why.
    case gap(at: Timestamp, calls: UInt64, reason: String)

    /// Bytes that are no entry.
    package struct Damage: Error, Hashable {}

    private enum Kind { static let (call, gap): (UInt8, UInt8) = (1, 2) }
    private enum ContentKind { static let (none, kept, withheld): (UInt8, UInt8, UInt8) = (0, 1, 2) }

    package var bytes: [UInt8] {
        var out = Output()
        switch self {
        case .gap(let time, let calls, let reason):
            out.byte(Kind.gap)
            out.number(UInt64(bitPattern: time.milliseconds))
            out.number(calls)
            out.text(reason)
        case .call(let call):
            out.bytes.reserveCapacity(call.message.count + 256)
            out.byte(Kind.call)
            out.number(UInt64(bitPattern: call.time.milliseconds))
            out.text(call.session.description)
            for fact in [call.facts.calls, call.facts.holds, call.facts.failures] { out.optional(fact) }
            out.optional(call.facts.autonomy)
            out.byte(UInt8(clamping: call.floorTier?.rawValue ?? 0))
            out.text(call.floorReason)
            out.byte(UInt8(clamping: call.judgement.tier.rawValue))
            out.text(call.judgement.disposition.rawValue)
            out.number(UInt64(call.judgement.rules.count))
            for rule in call.judgement.rules { out.text(rule) }
            out.text(call.judgement.rulesDigest)
            out.part(call.sameness)
            switch call.content {
            case .none: out.byte(ContentKind.none)
            case .kept: out.byte(ContentKind.kept)
            case .withheld(let length):
                out.byte(ContentKind.withheld)
                out.number(length)
            }
            out.part(call.message)
        }
        return out.bytes
    }

    package init(_ bytes: ArraySlice<UInt8>) throws(Damage) {
        var input = Input(rest: bytes)
        switch try input.byte() {
        case Kind.gap:
            self = .gap(at: try input.time(), calls: try input.number(), reason: try input.text())
        case Kind.call:
            let time = try input.time()
            let session = SessionID(try input.text())
            var facts = RecordedCall.Facts()
            facts.calls = try input.optionalNumber()
            facts.holds = try input.optionalNumber()
            facts.failures = try input.optionalNumber()
            facts.autonomy = try input.optionalText()
            let floor = try input.byte()
            guard floor == 0 || Tier(rawValue: Int(floor)) != nil else { throw Damage() }
            let floorReason = try input.text()
            let judgement = try input.judgement()
            let sameness = try input.part()
            let content: RecordedCall.Content =
                switch try input.byte() {
                case ContentKind.none: .none
                case ContentKind.kept: .kept
                case ContentKind.withheld: .withheld(length: try input.number())
                default: throw Damage()
                }
            self = .call(
                RecordedCall(
                    time: time, session: session, facts: facts, floorTier: Tier(rawValue: Int(floor)),
                    floorReason: floorReason, judgement: judgement, sameness: Array(sameness), content: content,
                    message: Array(try input.part())))
        default: throw Damage()
        }
        guard input.rest.isEmpty else { throw Damage() }
    }
}

/// Numbers in eight bytes, the largest first; parts with their lengths in front.
private struct Output {
    var bytes: [UInt8] = []

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    mutating func number(_ value: UInt64) {
        for shift: UInt64 in [56, 48, 40, 32, 24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }

    mutating func part(_ part: some Collection<UInt8>) {
        number(UInt64(part.count))
        bytes.append(contentsOf: part)
    }

    mutating func text(_ text: String) { part(text.utf8) }

    mutating func optional(_ value: Int64?) {
        byte(value == nil ? 0 : 1)
        if let value { number(UInt64(bitPattern: value)) }
    }

    mutating func optional(_ value: String?) {
        byte(value == nil ? 0 : 1)
        if let value { text(value) }
    }
}

private struct Input {
    /// More rules than any call has at its winning tier.
    static let mostRules: UInt64 = 100_000

    var rest: ArraySlice<UInt8>

    mutating func byte() throws(RecordedEntry.Damage) -> UInt8 {
        guard let byte = rest.popFirst() else { throw RecordedEntry.Damage() }
        return byte
    }

    mutating func number() throws(RecordedEntry.Damage) -> UInt64 {
        guard rest.count >= 8 else { throw RecordedEntry.Damage() }
        defer { rest = rest.dropFirst(8) }
        return rest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    mutating func time() throws(RecordedEntry.Damage) -> Timestamp {
        Timestamp(milliseconds: Int64(bitPattern: try number()))
    }

    mutating func part() throws(RecordedEntry.Damage) -> ArraySlice<UInt8> {
        let count = try number()
        guard count <= UInt64(rest.count) else { throw RecordedEntry.Damage() }
        defer { rest = rest.dropFirst(Int(count)) }
        return rest.prefix(Int(count))
    }

    mutating func text() throws(RecordedEntry.Damage) -> String {
        guard let text = String(validating: try part(), as: UTF8.self) else { throw RecordedEntry.Damage() }
        return text
    }

    private mutating func flag() throws(RecordedEntry.Damage) -> Bool {
        let byte = try byte()
        guard byte <= 1 else { throw RecordedEntry.Damage() }
        return byte == 1
    }

    mutating func optionalNumber() throws(RecordedEntry.Damage) -> Int64? {
        try flag() ? Int64(bitPattern: try number()) : nil
    }

    mutating func optionalText() throws(RecordedEntry.Damage) -> String? { try flag() ? try text() : nil }

    mutating func judgement() throws(RecordedEntry.Damage) -> RecordedCall.Judgement {
        guard let tier = Tier(rawValue: Int(try byte())), let disposition = Disposition(rawValue: try text()) else {
            throw RecordedEntry.Damage()
        }
        let count = try number()
        guard count <= Self.mostRules else { throw RecordedEntry.Damage() }
        var rules: [String] = []
        for _ in 0..<count { rules.append(try text()) }
        return RecordedCall.Judgement(
            tier: tier, disposition: disposition, rules: rules, rulesDigest: try text())
    }
}
