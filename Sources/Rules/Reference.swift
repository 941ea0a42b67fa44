import JSON

/// A value taken out of a call: the small part of CEL's own syntax that needs no evaluation order, types or functions
/// beyond `orValue` and `money`. What loads here means the same in CEL.
indirect enum Reference: Hashable, Sendable {
    enum Root: String, Hashable, Sendable, CaseIterable {
        /// A JSON body or a form.
        case body
        /// A form only.
        case form
        /// What the path template bound.
        case params
        case query
    }

    enum Part: String, Hashable, Sendable, CaseIterable {
        case method, host, path
    }

    struct Step: Hashable, Sendable {
        enum Selector: Hashable, Sendable {
            case key(Text)
            case index(Int)
        }

        let selector: Selector
        /// Written `.?` or `[?`: absence is not a failure.
        let isOptional: Bool
    }

    case literal(Text)
    case field(Root, [Step], spelling: String)
    case request(Part)
    case orValue(Reference, Reference)
    /// Smallest units and currency, as text.
    case money(Reference, Reference)

    /// Ends as an optional, which is no value until `orValue` makes it one.
    var isOpen: Bool {
        if case .field(_, let steps, _) = self { steps.contains { $0.isOptional } } else { false }
    }

    /// Every field in it, for checks at load.
    var fields: [(root: Root, steps: [Step])] {
        switch self {
        case .literal, .request: []
        case .field(let root, let steps, _): [(root, steps)]
        case .orValue(let a, let b), .money(let a, let b): a.fields + b.fields
        }
    }

    var readsBody: Bool { fields.contains { $0.root == .body || $0.root == .form } }
}
