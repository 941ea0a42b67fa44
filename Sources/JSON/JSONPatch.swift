/// A change to a document, one step after the other (RFC 6902).
///
/// Each step cuts bytes out of the document and puts others in: what is not touched keeps its spelling, numbers as they are
/// written. The result is read again by the one strict reader, so that no step makes what two readers understand
/// differently.
package struct JSONPatch: Sendable {
    package enum Step: Sendable {
        case add(JSONPointer, [UInt8])
        case remove(JSONPointer)
        case replace(JSONPointer, [UInt8])
        case move(from: JSONPointer, to: JSONPointer)
        case copy(from: JSONPointer, to: JSONPointer)
        case test(JSONPointer, [UInt8])
    }

    /// Steps of one patch.
    package static let mostSteps = 256
    /// Bytes that one patch may add to a document.
    package static let growth = 1 << 20

    package let steps: [Step]

    package init(_ steps: [Step]) throws(JSONPatchFailure) {
        guard steps.count <= JSONPatch.mostSteps else {
            throw JSONPatchFailure("it has \(steps.count) steps, more than \(JSONPatch.mostSteps)")
        }
        self.steps = steps
    }

    /// A patch as it is written: an array of objects. Members that mean nothing are passed over (RFC 6902 section 4).
    package init(_ node: JSONNode) throws(JSONPatchFailure) {
        guard node.kind == .array else { throw JSONPatchFailure("it is no array of steps") }
        guard node.count <= JSONPatch.mostSteps else {
            throw JSONPatchFailure("it has \(node.count) steps, more than \(JSONPatch.mostSteps)")
        }
        var steps: [Step] = []
        for (index, element) in node.elements.enumerated() {
            do throws(JSONPatchFailure) {
                steps.append(try Step(element))
            } catch {
                throw error.at(step: index)
            }
        }
        self.steps = steps
    }

    package func apply(to document: JSONDocument, limits: JSONLimits = .default) throws(JSONPatchFailure)
        -> JSONDocument
    {
        var limits = limits
        limits.bytes = min(limits.bytes, document.bytes.count + JSONPatch.growth)
        var document = document
        for (index, step) in steps.enumerated() {
            do throws(JSONPatchFailure) {
                document = try step.apply(to: document, limits)
            } catch {
                throw error.at(step: index)
            }
        }
        return document
    }
}

/// Why a patch does not apply; nothing of it did. A sentence that goes on after `the patch does not apply: `.
package struct JSONPatchFailure: Error, Hashable, CustomStringConvertible {
    package let reason: String
    /// Counted from nought; nil for the patch as a whole.
    package let step: Int?

    package init(_ reason: String, step: Int? = nil) {
        self.reason = reason
        self.step = step
    }

    func at(step: Int) -> JSONPatchFailure { JSONPatchFailure(reason, step: step) }

    package var description: String { step.map { "step \($0): \(reason)" } ?? reason }
}

extension JSONPatch.Step {
    fileprivate init(_ node: JSONNode) throws(JSONPatchFailure) {
        guard node.kind == .object else { throw JSONPatchFailure("it is no object") }
        switch node["op"]?.text {
        case "add": self = .add(try Self.pointer("path", node), try Self.value(node))
        case "remove": self = .remove(try Self.pointer("path", node))
        case "replace": self = .replace(try Self.pointer("path", node), try Self.value(node))
        case "move": self = .move(from: try Self.pointer("from", node), to: try Self.pointer("path", node))
        case "copy": self = .copy(from: try Self.pointer("from", node), to: try Self.pointer("path", node))
        case "test": self = .test(try Self.pointer("path", node), try Self.value(node))
        default: throw JSONPatchFailure("op is not one of add, remove, replace, move, copy and test")
        }
    }

    private static func pointer(_ name: Text, _ node: JSONNode) throws(JSONPatchFailure) -> JSONPointer {
        guard let text = node[name]?.text, let pointer = JSONPointer(spelled: text) else {
            throw JSONPatchFailure("\(name) is no JSON pointer: empty, or /name/0")
        }
        return pointer
    }

    private static func value(_ node: JSONNode) throws(JSONPatchFailure) -> [UInt8] {
        guard let value = node["value"] else { throw JSONPatchFailure("value is missing") }
        return Array(value.spelling)
    }

    // MARK: One step

    fileprivate func apply(
        to document: JSONDocument, _ limits: JSONLimits
    ) throws(JSONPatchFailure) -> JSONDocument {
        switch self {
        case .add(let pointer, let value): return try Self.add(value, at: pointer, of: document, limits)
        case .remove(let pointer): return try Self.remove(pointer, of: document, limits)
        case .replace(let pointer, let value):
            return try document.splicing(try Self.found(pointer, document).span, value, limits)
        case .move(let from, let to):
            guard from != to else {
                _ = try Self.found(from, document)
                return document
            }
            guard !from.isPrefix(of: to) else { throw JSONPatchFailure("nothing is moved into itself") }
            let value = Array(try Self.found(from, document).spelling)
            return try Self.add(value, at: to, of: try Self.remove(from, of: document, limits), limits)
        case .copy(let from, let to):
            return try Self.add(Array(try Self.found(from, document).spelling), at: to, of: document, limits)
        case .test(let pointer, let value):
            let wanted = try JSONDocument.read(value, limits)
            guard try Self.found(pointer, document).isEqual(to: wanted.root) else {
                throw JSONPatchFailure("what is at \"\(pointer)\" is not what the test expects")
            }
            return document
        }
    }

    private static func found(_ pointer: JSONPointer, _ document: JSONDocument) throws(JSONPatchFailure) -> JSONNode {
        guard let node = document.root.value(at: pointer) else {
            throw JSONPatchFailure("there is nothing at \"\(pointer)\"")
        }
        return node
    }

    private static func add(
        _ value: [UInt8], at pointer: JSONPointer, of document: JSONDocument, _ limits: JSONLimits
    ) throws(JSONPatchFailure) -> JSONDocument {
        guard let token = pointer.tokens.last else { return try JSONDocument.read(value, limits) }
        let parent = try found(JSONPointer(pointer.tokens.dropLast()), document)
        let end = parent.span.upperBound - 1
        switch parent.kind {
        case .object:
            if let there = parent[token] { return try document.splicing(there.span, value, limits) }
            let member = JSONWriter.string(token.string) + [0x3A] + value
            let last = parent.members.reduce(nil) { $1.value.span.upperBound as Int? ?? $0 }
            guard let last else { return try document.splicing(end..<end, member, limits) }
            return try document.splicing(last..<last, [0x2C] + member, limits)
        case .array:
            guard let place = token == "-" ? parent.count : JSONPointer.place(token), place <= parent.count else {
                throw JSONPatchFailure("\"\(pointer)\" is no place in an array of \(parent.count)")
            }
            if let next = parent[place] {
                let start = next.span.lowerBound
                return try document.splicing(start..<start, value + [0x2C], limits)
            }
            guard let last = parent[place - 1]?.span.upperBound else {
                return try document.splicing(end..<end, value, limits)
            }
            return try document.splicing(last..<last, [0x2C] + value, limits)
        case .null, .bool, .number, .string:
            throw JSONPatchFailure("what is above \"\(pointer)\" has no members")
        }
    }

    private static func remove(
        _ pointer: JSONPointer, of document: JSONDocument, _ limits: JSONLimits
    ) throws(JSONPatchFailure) -> JSONDocument {
        guard let token = pointer.tokens.last else { throw JSONPatchFailure("the whole document cannot be removed") }
        let node = try found(pointer, document)
        let parent = try found(JSONPointer(pointer.tokens.dropLast()), document)
        // Where each member or element begins and ends, keys included.
        let ranges: [Range<Int>]
        let place: Int
        if parent.kind == .object {
            ranges = parent.members.map { $0.value.keySpan.lowerBound..<$0.value.span.upperBound }
            place = parent.members.firstIndex { $0.key == token } ?? 0
        } else {
            ranges = parent.elements.map(\.span)
            place = JSONPointer.place(token) ?? 0
        }
        let range: Range<Int> =
            if place + 1 < ranges.count {
                ranges[place].lowerBound..<ranges[place + 1].lowerBound
            } else if place > 0 {
                ranges[place - 1].upperBound..<node.span.upperBound
            } else {
                ranges[place]
            }
        return try document.splicing(range, [], limits)
    }
}

extension Sequence {
    fileprivate func firstIndex(where isWanted: (Element) -> Bool) -> Int? {
        for (index, element) in enumerated() where isWanted(element) { return index }
        return nil
    }
}

extension JSONNode {
    /// The key of a member's value, quotes included; only for what `members` gave.
    fileprivate var keySpan: Range<Int> {
        let key = document.nodes[index - 1]
        return Int(key.start)..<Int(key.end)
    }
}

extension JSONDocument {
    fileprivate static func read(_ bytes: [UInt8], _ limits: JSONLimits) throws(JSONPatchFailure) -> JSONDocument {
        do throws(JSONError) {
            return try JSONDocument.parse(bytes, limits: limits)
        } catch {
            throw JSONPatchFailure("what it makes is not JSON with one reading: \(error)")
        }
    }

    fileprivate func splicing(
        _ range: Range<Int>, _ replacement: [UInt8], _ limits: JSONLimits
    ) throws(JSONPatchFailure) -> JSONDocument {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count - range.count + replacement.count)
        result += bytes[..<range.lowerBound]
        result += replacement
        result += bytes[range.upperBound...]
        return try .read(result, limits)
    }
}
