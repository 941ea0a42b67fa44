/// Bytes to node table, in one pass and without recursion.
///
/// What changes with every byte (where the reading is, and what is open) is local to `read`, and goes to the parts as a
/// number: as fields of the parser it would go to memory and back for each of them.
struct JSONParser {
    private(set) var nodes: [JSONDocument.Node] = []
    var decoded: [UInt8] = []
    private let limits: JSONLimits
    /// Where a reading that ran out of room goes on: before a value, or its key.
    private var position = 0
    private var values = 0
    private var open = Open()

    /// The innermost container that is open; what is outside of it waits in its node.
    private struct Open {
        /// -1 outside of everything.
        var container = -1
        var isObject = false
        var depth = 0
        /// Values so far.
        var members: UInt32 = 0
        /// A bit for each key so far, as `keys(_:adding:)` says.
        var keys: UInt32 = 0
    }

    init(limits: JSONLimits) { self.limits = limits }

    mutating func parse(_ input: Span<UInt8>) throws(JSONError) {
        guard input.count <= limits.bytes else { throw JSONError(.tooLong, at: limits.bytes) }
        if input.count >= 3, input[0] == 0xEF, input[1] == 0xBB, input[2] == 0xBF {
            throw JSONError(.byteOrderMark, at: 0)
        }
        // Real documents have a node for each eight to sixteen bytes; most that are denser are small.
        var capacity = input.count / 8 + 16
        var isWhole = false
        while !isWhole {
            let known = nodes
            nodes = try NodeTape.array(of: capacity, startingWith: known) { (tape) throws(JSONError) in
                isWhole = try read(input, into: &tape)
            }
            capacity *= 4
        }
        let end = skipSpace(position, input)
        guard end == input.count else { throw JSONError(.trailingData, at: end) }
    }

    /// Nodes that one turn of `read` appends at most: a key and its value.
    private static let nodesPerTurn = 2

    /// Reads up to the end of the outermost value; false where there was not room enough.
    private mutating func read(_ input: Span<UInt8>, into tape: inout NodeTape) throws(JSONError) -> Bool {
        var at = position
        var values = self.values
        var open = self.open
        value: while true {
            guard tape.room >= Self.nodesPerTurn else {
                (position, self.values, self.open) = (at, values, open)
                return false
            }
            at = try next(at, input)
            if open.isObject {
                let number = tape.count
                at = try key(at, input, &tape)
                if open.members < Self.fewKeys {
                    open.keys = try keys(open.keys, adding: number, in: open.container, input, tape)
                }
                at = try next(at, input)
            }
            values &+= 1
            guard values <= limits.values else { throw JSONError(.tooManyValues, at: at) }
            let byte = input[at]
            switch byte {
            case UInt8(ascii: "\""):
                at = try string(at, input, &tape)
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard open.depth < limits.depth else { throw JSONError(.tooDeep, at: at) }
                enter(byte == UInt8(ascii: "{") ? .object : .array, at, &open, &tape)
                at = try next(at &+ 1, input)
                // The closing brackets stand two after the opening ones.
                guard input[at] == byte &+ 2 else { continue value }
                at &+= 1
                try leave(at, input, &open, &tape)
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                at = try number(at, input, &tape)
            case UInt8(ascii: "t"):
                at = try word("true", .bool, at, input, &tape)
            case UInt8(ascii: "f"):
                at = try word("false", .bool, at, input, &tape)
            case UInt8(ascii: "n"):
                at = try word("null", .null, at, input, &tape)
            default:
                throw JSONError(.unexpectedByte, at: at)
            }
            while open.container >= 0 {
                open.members &+= 1
                at = try next(at, input)
                let byte = input[at]
                if byte == UInt8(ascii: ",") {
                    at &+= 1
                    continue value
                }
                guard byte == (open.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                    throw JSONError(.unexpectedByte, at: at)
                }
                at &+= 1
                try leave(at, input, &open, &tape)
            }
            position = at
            return true
        }
    }

    /// Until it is closed, a container's node keeps what is known of the one around it: its number where its own end will
    /// stand, the values where the next node's number will, the keys where strings have their content.
    @inline(__always)
    private func enter(_ kind: JSONNode.Kind, _ at: Int, _ open: inout Open, _ tape: inout NodeTape) {
        let outer = open
        open.container = tape.count
        open.isObject = kind == .object
        open.depth &+= 1
        open.members = 0
        open.keys = 0
        tape.append(
            JSONDocument.Node(
                kind: kind, start: UInt32(truncatingIfNeeded: at), end: UInt32(truncatingIfNeeded: outer.container),
                next: outer.members, contentStart: outer.keys))
    }

    /// - Parameter end: behind the bracket.
    @inline(__always)
    private func leave(
        _ end: Int, _ input: Span<UInt8>, _ open: inout Open, _ tape: inout NodeTape
    ) throws(JSONError) {
        let container = open.container
        if open.isObject, open.members > Self.fewKeys {
            try refuseTwice(in: container, of: Int(open.members), input, tape)
        }
        let node = tape[container]
        tape[container].contentEnd = open.members
        tape[container].end = UInt32(truncatingIfNeeded: end)
        tape[container].next = UInt32(truncatingIfNeeded: tape.count)
        open.depth &-= 1
        open.container = Int(Int32(bitPattern: node.end))
        open.members = node.next
        open.keys = node.contentStart
        open.isObject = open.container >= 0 && tape[open.container].kind == .object
    }

    /// A key and its colon; returns where its value may begin.
    @inline(__always)
    private mutating func key(
        _ start: Int, _ input: Span<UInt8>, _ tape: inout NodeTape
    ) throws(JSONError) -> Int {
        guard input[start] == UInt8(ascii: "\"") else { throw JSONError(.unexpectedByte, at: start) }
        let end = try string(start, input, &tape)
        let colon = try next(end, input)
        guard input[colon] == UInt8(ascii: ":") else { throw JSONError(.unexpectedByte, at: colon) }
        return colon &+ 1
    }

    private func word(
        _ word: StaticString, _ kind: JSONNode.Kind, _ start: Int, _ input: Span<UInt8>, _ tape: inout NodeTape
    ) throws(JSONError) -> Int {
        let end = start &+ word.utf8CodeUnitCount
        for at in start..<end {
            guard at < input.count else { throw JSONError(.unexpectedEnd, at: at) }
            guard unsafe input[at] == word.utf8Start[at &- start] else { throw JSONError(.unexpectedByte, at: at) }
        }
        tape.append(kind, from: start, to: end)
        return end
    }

    @inline(__always)
    private func number(_ start: Int, _ input: Span<UInt8>, _ tape: inout NodeTape) throws(JSONError) -> Int {
        var at = start
        if input[at] == UInt8(ascii: "-") { at &+= 1 }
        let first = at
        at = digits(at, input)
        // A leading zero is octal to some readers.
        guard at > first, at == first &+ 1 || input[first] != UInt8(ascii: "0") else {
            throw JSONError(.invalidNumber, at: start)
        }
        if at < input.count, input[at] == UInt8(ascii: ".") || input[at] | 0x20 == UInt8(ascii: "e") {
            at = try fraction(start, at, input)
        }
        tape.append(.number, from: start, to: at)
        return at
    }

    /// What follows the whole part of the number that starts at `start`.
    private func fraction(_ start: Int, _ end: Int, _ input: Span<UInt8>) throws(JSONError) -> Int {
        var at = end
        if input[at] == UInt8(ascii: ".") {
            let first = at &+ 1
            at = digits(first, input)
            guard at > first else { throw JSONError(.invalidNumber, at: start) }
        }
        if at < input.count, input[at] | 0x20 == UInt8(ascii: "e") {
            at &+= 1
            if at < input.count, input[at] == UInt8(ascii: "+") || input[at] == UInt8(ascii: "-") { at &+= 1 }
            let first = at
            at = digits(first, input)
            guard at > first else { throw JSONError(.invalidNumber, at: start) }
        }
        return at
    }

    @inline(__always)
    private func digits(_ start: Int, _ input: Span<UInt8>) -> Int {
        var at = start
        while UInt(bitPattern: at) < UInt(bitPattern: input.count), input[at] &- 0x30 < 10 { at &+= 1 }
        return at
    }

    /// The next byte that is not white space, which is not the end.
    @inline(__always)
    private func next(_ start: Int, _ input: Span<UInt8>) throws(JSONError) -> Int {
        var at = start
        while UInt(bitPattern: at) < UInt(bitPattern: input.count) {
            let byte = input[at]
            if byte > 0x20 { return at }
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return at }
            at &+= 1
        }
        throw JSONError(.unexpectedEnd, at: at)
    }

    private func skipSpace(_ start: Int, _ input: Span<UInt8>) -> Int { (try? next(start, input)) ?? input.count }
}

extension NodeTape {
    @inline(__always)
    mutating func append(_ kind: JSONNode.Kind, from start: Int, to end: Int) {
        // A document has fewer bytes and nodes than fit 32 bits.
        append(
            JSONDocument.Node(
                kind: kind, start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: end),
                next: UInt32(truncatingIfNeeded: count &+ 1)))
    }
}
