import JSON

/// An expression as it is written, macros resolved: a table of nodes, in which operands come before what uses them.
struct Syntax {
    private(set) var nodes: [Node] = []
    var root = 0

    struct Node {
        var kind: Kind
        let span: Range<Int>
        /// Nodes on the longest way down.
        let depth: Int
    }

    enum Kind {
        case constant(Value)
        /// Absolute with a leading point: `.name` is no variable of a macro, and not of the container.
        case identifier(Text, isAbsolute: Bool)
        case select(Int, Text, isOptional: Bool)
        case has(Int, Text)
        case index(Int, Int, isOptional: Bool)
        case call(Text, target: Int?, [Int])
        case operation(Operation, Int, Int)
        case not(Int)
        case negate(Int)
        case and([Int])
        case or([Int])
        case conditional(Int, Int, Int)
        case list([Element])
        case map([Entry])
        case message(Text, [Field])
        case comprehension(Comprehension)
        case bind(Text, Int, Int)
        /// `optMap`, or `optFlatMap` whose body is an optional itself.
        case optionalMap(Int, Text, Int, isFlat: Bool)
    }

    enum Operation: UInt8 {
        case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, contained
        case add, subtract, multiply, divide, remainder
    }

    struct Element {
        let node: Int
        let isOptional: Bool
    }

    struct Entry {
        let key: Int
        let value: Int
        let isOptional: Bool
    }

    struct Field {
        let name: Text
        let value: Int
        let isOptional: Bool
    }

    struct Comprehension {
        enum Kind: UInt8 {
            case all, exists, existsOne, map, filter, transformMap, transformMapEntry, sortBy
        }

        let kind: Kind
        let range: Int
        let variable: Text
        /// The second variable: then the first is an index or a key.
        let second: Text?
        /// What elements must satisfy before the body sees them.
        let condition: Int?
        let body: Int
    }

    subscript(_ index: Int) -> Node { nodes[index] }

    mutating func append(_ kind: Kind, _ span: Range<Int>) -> Int {
        var depth = 1
        kind.forEachOperand { depth = max(depth, nodes[$0].depth + 1) }
        nodes.append(Node(kind: kind, span: span, depth: depth))
        return nodes.count - 1
    }

    /// The first part of what is a name: `a` of `a.b.c`.
    func firstName(_ index: Int) -> (first: Text, isAbsolute: Bool)? {
        var at = index
        while true {
            switch nodes[at].kind {
            case .select(let operand, _, isOptional: false): at = operand
            case .identifier(let first, let isAbsolute): return (first, isAbsolute)
            default: return nil
            }
        }
    }

    /// `a.b.c` as a name; nil for what is none.
    func qualifiedName(_ index: Int) -> (name: Text, first: Text, isAbsolute: Bool)? {
        var parts: [Text] = []
        var at = index
        while true {
            switch nodes[at].kind {
            case .select(let operand, let field, isOptional: false):
                parts.append(field)
                at = operand
            case .identifier(let first, let isAbsolute):
                parts.append(first)
                return (Text(parts.reversed().map(\.string).joined(separator: ".")), first, isAbsolute)
            default: return nil
            }
        }
    }
}

extension Syntax.Kind {
    /// Whether the value can be nested deeper than those that it is made of.
    var nests: Bool {
        switch self {
        case .list, .map, .comprehension, .optionalMap: true
        case .call(let name, _, _): name == "of" || name == "ofNonZeroValue" || name == "first" || name == "last"
        default: false
        }
    }

    /// Goes through the nodes that this one is made of.
    @inline(__always)
    func forEachOperand(_ body: (Int) -> Void) {
        switch self {
        case .constant, .identifier: break
        case .select(let operand, _, _), .has(let operand, _), .not(let operand), .negate(let operand): body(operand)
        case .index(let a, let b, _), .operation(_, let a, let b), .bind(_, let a, let b),
            .optionalMap(let a, _, let b, _):
            body(a)
            body(b)
        case .call(_, let target, let arguments):
            if let target { body(target) }
            for argument in arguments { body(argument) }
        case .and(let operands), .or(let operands):
            for operand in operands { body(operand) }
        case .conditional(let a, let b, let c):
            body(a)
            body(b)
            body(c)
        case .list(let elements):
            for element in elements { body(element.node) }
        case .map(let entries):
            for entry in entries {
                body(entry.key)
                body(entry.value)
            }
        case .message(_, let fields):
            for field in fields { body(field.value) }
        case .comprehension(let loop):
            body(loop.range)
            if let condition = loop.condition { body(condition) }
            body(loop.body)
        }
    }
}
