/// One way to call a function.
package struct Overload: Hashable, Sendable {
    /// The receiver first, where there is one.
    package let parameters: [ValueType]
    package let result: ValueType
    package let isMember: Bool
    /// Whether it has type parameters.
    let isGeneric: Bool

    package init(_ parameters: [ValueType], _ result: ValueType, isMember: Bool = false) {
        self.parameters = parameters
        self.result = result
        self.isMember = isMember
        isGeneric = result.hasParameters || parameters.contains(where: \.hasParameters)
    }
}
