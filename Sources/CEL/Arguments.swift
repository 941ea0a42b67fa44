/// What a function is called with, without an array for it.
struct Arguments {
    /// No function of the library has more.
    static let limit = 4

    private(set) var count = 0
    private(set) var a = Value.null
    private(set) var b = Value.null
    private(set) var c = Value.null
    private(set) var d = Value.null

    mutating func append(_ value: Value) {
        switch count {
        case 0: a = value
        case 1: b = value
        case 2: c = value
        default: d = value
        }
        count += 1
    }
}
