package import JSON

/// What an expression may name, and how much it may cost.
package struct Environment: Sendable {
    package struct Variable: Sendable {
        package let name: Text
        package let type: ValueType
        /// Paths of constant keys below it have slots of their own, and the whole has one only where it is read whole.
        package let hasPaths: Bool
        /// A value that is the same for every call, and is folded in.
        package let constant: Value?

        package init(_ name: Text, _ type: ValueType, hasPaths: Bool = false, constant: Value? = nil) {
            self.name = name
            self.type = type
            self.hasPaths = hasPaths
            self.constant = constant
        }
    }

    package private(set) var variables: [Text: Variable]
    /// First parts of all names that have more than one.
    private(set) var namespaces: Set<Text>
    /// Functions that are declared for the checker only; calling one is an error.
    package var declarations: [Text: [Overload]] = [:] {
        didSet { namespaces.formUnion(Self.firstParts(declarations.keys)) }
    }
    /// The namespace that names are looked up in first: `com.example`.
    package var container: Text = ""
    package var limits: Limits = .default
    /// The bytes of a TZif file (RFC 9636) by the name of the zone. Asked while compiling, never while evaluating.
    package var zones: @Sendable (Text) -> [UInt8]? = { _ in nil }
    /// Regular expressions must be known when the expression is compiled.
    package var patternsAreConstant = true
    /// Names, types and overloads that do not fit are found when they are evaluated, as the specification has it
    /// without its checker.
    package var isUnchecked = false

    package init(_ variables: [Variable]) {
        self.variables = Dictionary(variables.map { ($0.name, $0) }, uniquingKeysWith: { _, last in last })
        namespaces = Self.standard
        let own = Self.firstParts(self.variables.keys)
        if !own.isEmpty { namespaces.formUnion(own) }
    }

    /// One more name that expressions may use.
    package mutating func declare(_ variable: Variable) {
        variables[variable.name] = variable
        let own = Self.firstParts([variable.name])
        if !own.isEmpty { namespaces.formUnion(own) }
    }

    private static let standard = firstParts(Library.overloads.keys).union(firstParts(Checker.types.keys))

    private static func firstParts(_ names: some Sequence<Text>) -> Set<Text> {
        Set(
            names.compactMap { name in
                name.utf8.firstIndex(of: UInt8(ascii: ".")).map { Text(String(name.string[..<$0])) }
            })
    }
}
