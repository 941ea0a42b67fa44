import Calls
import JSON
import Wire

extension FuzzTarget {
    static let descriptor = FuzzTarget(
        name: "descriptor",
        summary: "descriptor sets and messages of theirs: no trap, and a document is what its one message says",
        seeds: [seed(message: [0x0A, 1, 0x78]), seed(message: [0x10, 7, 0x1A, 2, 0x0A, 0]), seed(message: [])],
        dictionary: ["\n", "\u{12}", "\u{1A}", "\"", "*", "2", ".p.M", "p.S", "\u{8}\u{1}"],
        run: { bytes throws(Finding) in
            guard let length = bytes.first.map(Int.init), bytes.count > length else { return }
            guard let descriptors = try? GRPCDescriptors([Array(bytes[1...length])]) else { return }
            let message = Array(bytes[(length + 1)...])
            let size = message.count
            let frame = [0, 0, 0, UInt8(truncatingIfNeeded: size >> 8), UInt8(truncatingIfNeeded: size)] + message
            let read = call(
                "https://a.test/p.S/C", "application/grpc", frame, knowing: .init(descriptors: descriptors))
            guard let read, case .json(let json) = read.document else { return }
            try require(json.root.kind == .object, "a message that is no object")
            // Twice the message is two messages, which no rule reads as one.
            let twice = call(
                "https://a.test/p.S/C", "application/grpc", frame + frame, knowing: .init(descriptors: descriptors))
            if case .json? = twice?.document { throw Finding("two messages in one document") }
        })

    /// `service S { rpc C(M) … }` with `message M { string a = 1; int64 b = 2; M c = 3; }` in package p.
    private static func seed(message: [UInt8]) -> [UInt8] {
        func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
            [number << 3 | 2, UInt8(content.count)] + content
        }
        func member(_ name: String, _ number: UInt8, _ type: UInt8) -> [UInt8] {
            field(
                2,
                field(1, name.bytes) + [0x18, number, 0x20, 1, 0x28, type] + (type == 11 ? field(6, ".p.M".bytes) : []))
        }
        let type = field(4, field(1, "M".bytes) + member("a", 1, 9) + member("b", 2, 3) + member("c", 3, 11))
        let service = field(6, field(1, "S".bytes) + field(2, field(1, "C".bytes) + field(2, ".p.M".bytes)))
        let set = field(1, field(2, "p".bytes) + type + service)
        return [UInt8(set.count)] + set + message
    }
}
