/// One operation; its operands are numbers of instructions before it, or of entries in the tables of the code.
struct Instruction {
    enum Operation: UInt8 {
        /// a: constant.
        case constant
        /// a: slot.
        case slot, hasSlot, optionalSlot
        /// a: place of a macro's variable.
        case local
        /// a: operand, b: constant with the key.
        case select, optionalSelect, has
        /// a: operand, b: key.
        case index, optionalIndex
        case not, negate
        /// a: first operand in `operands`, b: how many.
        case and, or, list, map, call
        /// The same, with c: first of the flags in `optionals`.
        case optionalList, optionalMap
        case conditional
        case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
        case add, subtract, multiply, divide, remainder
        /// Both operands are of type int. c of the comparisons: what the relation is.
        case compareInts, addInts, subtractInts, multiplyInts
        /// a: slot, b: constant, detail: relation. What most conditions are made of, with nothing copied.
        case compareSlot
        /// a: slot, b: constant list of scalars.
        case slotInList
        /// a: slot, b: constant string, detail: `TextQuestion`.
        case askSlot
        /// Both operands are strings.
        case equalStrings, differentStrings
        case contained
        /// a: operand, b: entry in `sets`.
        case containedInSet
        /// a: operand, b: entry in `patterns`.
        case matchesPattern
        /// a: operand, b: entry in `zones`, c: function.
        case inZone
        /// a: entry in `loops`.
        case loop
        /// a: value, b: body, c: place.
        case bind, mapOptional, flatMapOptional
        /// a: entry in `failures`.
        case fail
    }

    var operation: Operation
    /// Of `Function`, in `call` and `inZone`; of `Relation`, in `compareInts`.
    var detail: UInt8 = 0
    var a: Int32 = 0
    var b: Int32 = 0
    var c: Int32 = 0
}

/// What is asked of two strings.
enum TextQuestion: UInt8 {
    case startsWith, endsWith, contains
}

/// What two values can be to each other.
package enum Relation: UInt8, Sendable {
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual

    @inline(__always)
    func holds<Number: Comparable>(_ a: Number, _ b: Number) -> Bool {
        switch self {
        case .equal: a == b
        case .notEqual: a != b
        case .less: a < b
        case .lessOrEqual: a <= b
        case .greater: a > b
        case .greaterOrEqual: a >= b
        }
    }

    /// The same with the sides changed.
    var mirrored: Relation {
        switch self {
        case .equal, .notEqual: self
        case .less: .greater
        case .lessOrEqual: .greaterOrEqual
        case .greater: .less
        case .greaterOrEqual: .lessOrEqual
        }
    }
}
