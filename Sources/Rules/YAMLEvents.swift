import CYAML
import JSON

/// libyaml's parser as a source of values: the only file that touches its memory.
@safe
struct YAMLEvents: ~Copyable {
    struct Event {
        enum Kind {
            case streamStart, streamEnd, documentEnd
            case documentStart(hasDirectives: Bool)
            case alias
            case scalar(Text, isQuoted: Bool)
            case sequenceStart, sequenceEnd, mappingStart, mappingEnd
        }

        var kind: Kind
        var start: Mark
        var end: Mark
        var hasAnchor = false
        var hasTag = false
    }

    /// Line and column from 0, in characters.
    struct Mark {
        var line: Int
        var column: Int

        init(_ mark: yaml_mark_t) {
            line = Int(clamping: mark.line)
            column = Int(clamping: mark.column)
        }
    }

    struct Failure: Error {
        var problem: String
        var mark: Mark
    }

    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>

    /// Nil where libyaml has no memory.
    init?(_ bytes: [UInt8]) {
        unsafe parser = .allocate(capacity: 1)
        unsafe input = .allocate(capacity: max(1, bytes.count))
        _ = unsafe input.update(fromContentsOf: bytes)
        guard unsafe yaml_parser_initialize(parser) == 1 else {
            unsafe parser.deallocate()
            unsafe input.deallocate()
            return nil
        }
        // Without this libyaml guesses, and a file could say one thing to it and another to a reviewer's editor.
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        unsafe yaml_parser_set_input_string(parser, input.baseAddress, bytes.count)
    }

    deinit {
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
        unsafe input.deallocate()
    }

    mutating func next() throws(Failure) -> Event {
        var event = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(parser, &event) == 1 else {
            let problem = unsafe parser.pointee.problem.map { unsafe String(cString: $0) } ?? "unreadable"
            let context = unsafe parser.pointee.context.map { unsafe String(cString: $0) + ": " } ?? ""
            throw unsafe Failure(problem: context + problem, mark: Mark(parser.pointee.problem_mark))
        }
        defer { unsafe yaml_event_delete(&event) }
        let (start, end) = unsafe (Mark(event.start_mark), Mark(event.end_mark))
        func made(_ kind: Event.Kind, anchor: Bool = false, tag: Bool = false) -> Event {
            Event(kind: kind, start: start, end: end, hasAnchor: anchor, hasTag: tag)
        }
        switch unsafe event.type {
        case YAML_STREAM_START_EVENT: return made(.streamStart)
        case YAML_DOCUMENT_START_EVENT:
            let document = unsafe event.data.document_start
            let hasTags = unsafe document.tag_directives.start != document.tag_directives.end
            return unsafe made(.documentStart(hasDirectives: document.version_directive != nil || hasTags))
        case YAML_DOCUMENT_END_EVENT: return made(.documentEnd)
        case YAML_ALIAS_EVENT: return made(.alias)
        case YAML_SCALAR_EVENT:
            let scalar = unsafe event.data.scalar
            let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let text = unsafe Text(String(decoding: bytes, as: UTF8.self))
            let isQuoted = unsafe scalar.style != YAML_PLAIN_SCALAR_STYLE
            return unsafe made(
                .scalar(text, isQuoted: isQuoted), anchor: scalar.anchor != nil, tag: scalar.tag != nil)
        case YAML_SEQUENCE_START_EVENT:
            let sequence = unsafe event.data.sequence_start
            return unsafe made(.sequenceStart, anchor: sequence.anchor != nil, tag: sequence.tag != nil)
        case YAML_SEQUENCE_END_EVENT: return made(.sequenceEnd)
        case YAML_MAPPING_START_EVENT:
            let mapping = unsafe event.data.mapping_start
            return unsafe made(.mappingStart, anchor: mapping.anchor != nil, tag: mapping.tag != nil)
        case YAML_MAPPING_END_EVENT: return made(.mappingEnd)
        // A C enumeration: YAML_STREAM_END_EVENT, and YAML_NO_EVENT, which libyaml gives after the end.
        default: return made(.streamEnd)
        }
    }
}
