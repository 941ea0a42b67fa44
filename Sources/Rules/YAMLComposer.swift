import Calls
import JSON

/// Events to one tree. What could mean two things to two readers (anchors, tags, merge keys, a key twice) is refused.
struct YAMLComposer: ~Copyable {
    /// What stops the reading of a file; everything else is reported and read on.
    struct Stop: Error {
        var code: Diagnostic.Code
        var message: String
        var span: SourceSpan
        var help: String?
    }

    private var events: YAMLEvents
    private let file: SourceFile
    private let limits: YAMLLimits
    private var nodes = 0

    /// The one document of a file.
    static func compose(_ file: SourceFile, limits: YAMLLimits) throws(Stop) -> YAMLNode {
        guard file.bytes.count <= limits.bytes else {
            throw Stop(
                code: .overLimit, message: "the file has \(file.bytes.count) bytes, the limit is \(limits.bytes)",
                span: SourceSpan(line: 1, column: 1), help: "split it into several packs")
        }
        try refuseWhatIsNoText(file)
        guard let events = YAMLEvents(file.bytes) else {
            throw Stop(code: .notYAML, message: "no memory to read the file", span: SourceSpan(line: 1, column: 1))
        }
        var composer = YAMLComposer(events: events, file: file, limits: limits)
        return try composer.document()
    }

    private init(events: consuming YAMLEvents, file: SourceFile, limits: YAMLLimits) {
        self.events = events
        self.file = file
        self.limits = limits
    }

    private static func refuseWhatIsNoText(_ file: SourceFile) throws(Stop) {
        let bytes = file.bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            throw Stop(
                code: .notText, message: "the file begins with a byte order mark", span: SourceSpan(line: 1, column: 1),
                help: "save it as UTF-8 without a mark")
        }
        if let offset = firstInvalidByte(in: bytes) {
            throw Stop(
                code: .notText, message: "the file is not UTF-8", span: file.span(at: offset),
                help: "save it as UTF-8")
        }
    }

    private mutating func document() throws(Stop) -> YAMLNode {
        _ = try next()
        let start = try next()
        guard case .documentStart(let hasDirectives) = start.kind else {
            throw stop(.notOneDocument, "the file is empty", start)
        }
        if hasDirectives {
            throw stop(.tag, "directives (%YAML, %TAG) are not used here", start, help: "remove the line")
        }
        let root = try node(try next(), depth: 0)
        _ = try next()
        let after = try next()
        guard case .streamEnd = after.kind else {
            throw stop(.notOneDocument, "a second document starts here", after, help: "one file holds one document")
        }
        return root
    }

    private mutating func node(_ event: YAMLEvents.Event, depth: Int) throws(Stop) -> YAMLNode {
        nodes += 1
        guard nodes <= limits.nodes else { throw stop(.overLimit, "more than \(limits.nodes) values", event) }
        guard depth <= limits.depth else {
            throw stop(.overLimit, "more than \(limits.depth) levels of nesting", event)
        }
        if event.hasAnchor {
            throw stop(.anchor, "anchors (&name) are not used here", event, help: "write the value out at each place")
        }
        if event.hasTag {
            throw stop(.tag, "tags (!name) are not used here", event, help: "the key decides what a value is")
        }
        switch event.kind {
        case .scalar(let text, let isQuoted):
            return YAMLNode(content: .scalar(text, isQuoted: isQuoted), span: span(event))
        case .sequenceStart:
            var elements: [YAMLNode] = []
            while true {
                let element = try next()
                if case .sequenceEnd = element.kind { break }
                elements.append(try node(element, depth: depth + 1))
            }
            return YAMLNode(content: .sequence(elements), span: span(event))
        case .mappingStart:
            return YAMLNode(content: .mapping(try members(depth: depth)), span: span(event))
        case .alias:
            throw stop(
                .anchor, "aliases (*name) are not used here", event, help: "write the value out, or quote the text")
        case .streamStart, .streamEnd, .documentStart, .documentEnd, .sequenceEnd, .mappingEnd:
            throw stop(.notYAML, "a value is missing", event)
        }
    }

    private static let fewKeys = 12

    private mutating func members(depth: Int) throws(Stop) -> [YAMLNode.Member] {
        var members: [YAMLNode.Member] = []
        // Most mappings have a few keys, for which looking through them is quicker than hashing.
        var seen: Set<Text> = []
        while true {
            let event = try next()
            if case .mappingEnd = event.kind { return members }
            guard case .scalar(let key, let isQuoted) = event.kind, !event.hasAnchor, !event.hasTag else {
                throw stop(
                    .keyNotText, "a key must be a plain text", event, help: "text with {{ }} needs quotes around it")
            }
            if key == "<<", !isQuoted {
                throw stop(.mergeKey, "merge keys (<<) are not used here", event, help: "write the keys out")
            }
            if members.count == Self.fewKeys { seen = Set(members.map(\.key)) }
            let isNew =
                members.count < Self.fewKeys ? !members.contains { $0.key == key } : seen.insert(key).inserted
            guard isNew else {
                throw stop(
                    .duplicateKey, "the key \(visible(key.string)) stands here a second time", event,
                    help: "keep one of the two")
            }
            let value = try node(try next(), depth: depth + 1)
            members.append(YAMLNode.Member(key: key, keySpan: span(event), value: value))
        }
    }

    private mutating func next() throws(Stop) -> YAMLEvents.Event {
        do throws(YAMLEvents.Failure) {
            return try events.next()
        } catch {
            throw Stop(
                code: .notYAML, message: "this is not YAML: \(error.problem)",
                span: SourceSpan(line: error.mark.line + 1, column: error.mark.column + 1))
        }
    }

    private func span(_ event: YAMLEvents.Event) -> SourceSpan {
        let start = event.start
        // A list or mapping in block style ends at the next thing, wherever that is, and a text may go on over lines:
        // one character stands for these.
        let isShort = if case .scalar = event.kind { event.end.line == start.line } else { false }
        return SourceSpan(
            line: start.line + 1, column: start.column + 1, length: isShort ? event.end.column - start.column : 1)
    }

    private func stop(
        _ code: Diagnostic.Code, _ message: String, _ event: YAMLEvents.Event, help: String? = nil
    ) -> Stop {
        Stop(code: code, message: message, span: span(event), help: help)
    }
}

/// The first byte that is not part of well-formed UTF-8, or is NUL, which ends a text for C.
private func firstInvalidByte(in bytes: [UInt8]) -> Int? {
    if let nul = bytes.firstIndex(of: 0) { return nul }
    guard String(validating: bytes, as: UTF8.self) == nil else { return nil }
    // Rare, so slow is good enough: replacing what is not well-formed shows where the texts begin to differ.
    let repaired = String(decoding: bytes, as: UTF8.self).utf8
    return zip(repaired, bytes).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? bytes.count
}
