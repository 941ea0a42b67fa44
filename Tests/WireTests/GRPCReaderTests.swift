import Calls
import JSON
import Testing
import Wire

struct GRPCReaderTests {
    private let url: Text = "https://a.test/acme.v1.Vault/Delete"

    private func frame(_ content: [UInt8], flag: UInt8 = 0) -> [UInt8] {
        [flag, 0, 0, UInt8(content.count >> 8), UInt8(content.count & 255)] + content
    }

    private func read(
        _ body: [UInt8], _ url: Text? = nil, type: String = "application/grpc", knowing: CallReader.Knowledge = .init()
    ) -> [String] {
        do throws(WireError) {
            return try WireTests.read("POST", url ?? self.url, [("Content-Type", type)], body, knowing: knowing)
                .operations.map(word)
        } catch { return [error.code] }
    }

    @Test(
        "the path names the method; messages with their lengths are taken",
        arguments: ["application/grpc", "application/grpc+proto", "application/grpc-web+proto"])
    func methods(_ type: String) {
        #expect(read(frame([1, 2]) + frame([]), type: type) == ["grpc acme.v1.Vault Delete"])
        #expect(read([], type: type) == ["grpc acme.v1.Vault Delete"])
    }

    @Test("a compressed message and one in base64 are tier 3 at least")
    func compressed() {
        #expect(read(frame([1], flag: 1)) == ["grpc acme.v1.Vault Delete", "unreadable 3"])
        #expect(
            read(bytes("AAAAAAA="), type: "application/grpc-web-text") == ["grpc acme.v1.Vault Delete", "unreadable 3"])
    }

    @Test("what is no method or no message is refused")
    func refused() {
        for url in [
            "https://a.test/Delete", "https://a.test/a/b/c", "https://a.test/a.b/c-d", "https://a.test/a.b/",
            "https://a.test/a.b/C?x=1",
        ] as [Text] {
            #expect(read(frame([1]), url) == ["malformed_message"], "\(url)")
        }
        #expect(read([0, 0, 0]) == ["malformed_message"] && read([0, 0, 0, 0, 2, 1]) == ["malformed_message"])
        #expect(read(frame([1], flag: 2)) == ["malformed_message"] && read(frame([1]) + [0]) == ["malformed_message"])
        #expect(read(bytes("{}")) == ["content_type_mismatch"])
        let many = Array(repeating: frame([]), count: 65).flatMap { $0 }
        #expect(
            read(many) == ["too_many_operations"] && read(Array(many.dropFirst(5))) == ["grpc acme.v1.Vault Delete"])
    }

    // MARK: With a descriptor set

    /// One field of a message: a varint, or bytes with their length.
    private static func field(_ number: Int, _ value: Int) -> [UInt8] { varint(number << 3) + varint(value) }
    private static func field(_ number: Int, _ value: [UInt8]) -> [UInt8] {
        varint(number << 3 | 2) + varint(value.count) + value
    }
    private static func field(_ number: Int, _ value: String) -> [UInt8] { field(number, bytes(value)) }
    private static func varint(_ value: Int) -> [UInt8] {
        value < 128 ? [UInt8(value)] : [UInt8(value & 127) | 128] + varint(value >> 7)
    }

    private static func member(
        _ name: String, _ number: Int, _ type: Int, _ typeName: String = "", repeated: Bool = false
    ) -> [UInt8] {
        field(
            2,
            field(1, name) + field(3, number) + field(4, repeated ? 3 : 1) + field(5, type)
                + (typeName.isEmpty ? [] : field(6, typeName)))
    }

    private static let set = set(in: "a.proto")

    private static func set(in file: String) -> [UInt8] {
        let entry = field(
            3, field(1, "LabelsEntry") + member("key", 1, 9) + member("value", 2, 5) + field(7, field(7, 1)))
        let kind = field(
            4, field(1, "Kind") + field(2, field(1, "SOFT") + field(2, 0)) + field(2, field(1, "HARD") + field(2, 1)))
        let request = field(
            4,
            field(1, "DeleteRequest") + member("name", 1, 9) + member("count", 2, 3)
                + member("kind", 3, 14, ".acme.v1.DeleteRequest.Kind")
                + member("ids", 4, 5, repeated: true)
                + member("labels", 5, 11, ".acme.v1.DeleteRequest.LabelsEntry", repeated: true)
                + member("child", 6, 11, ".acme.v1.DeleteRequest") + member("data", 7, 12) + member("rate", 8, 1)
                + member("force", 9, 8) + member("delta", 10, 18) + entry + kind)
        let service = field(6, field(1, "Vault") + field(2, field(1, "Delete") + field(2, ".acme.v1.DeleteRequest")))
        return field(1, field(1, file) + field(2, "acme.v1") + request + service)
    }

    private func document(_ message: [UInt8]) throws -> String {
        let knowledge = CallReader.Knowledge(descriptors: try GRPCDescriptors([Self.set]))
        let call = try WireTests.read(
            "POST", url, [("Content-Type", "application/grpc")], frame(message), knowing: knowledge)
        guard case .json(let json) = call.document else { return "no document" }
        return text(json.root.spelling)
    }

    @Test("a described message is a document for rules")
    func described() throws {
        let message =
            Self.field(1, "vault \"x\"") + Self.field(2, 1 << 62) + Self.field(3, 1)
            + Self.field(4, Self.varint(1) + Self.varint(300))
            + Self.field(4, 7) + Self.field(5, Self.field(1, "a") + Self.field(2, 2))
            + Self.field(6, Self.field(1, "y"))
            + Self.field(7, [0xFF, 0x00]) + [8 << 3 | 1, 0, 0, 0, 0, 0, 0, 0xF8, 0x3F] + Self.field(9, 1)
            + Self.field(10, 3)
        #expect(
            try document(message)
                == "{\"name\":\"vault \\\"x\\\"\",\"count\":4611686018427387904,\"kind\":\"HARD\",\"ids\":[1,300,7],\"labels\":{\"a\":2},\"child\":{\"name\":\"y\"},\"data\":\"/wA=\",\"rate\":1.5,\"force\":true,\"delta\":-2}"
        )
        #expect(try document([]) == "{}")
    }

    @Test("unknown methods and fields are tier 3 at least, a message that is none is refused")
    func unknown() throws {
        let knowledge = CallReader.Knowledge(descriptors: try GRPCDescriptors([Self.set]))
        #expect(read(frame(Self.field(1, "x")), knowing: knowledge) == ["grpc acme.v1.Vault Delete"])
        #expect(read(frame(Self.field(11, 1)), knowing: knowledge) == ["grpc acme.v1.Vault Delete", "unreadable 3"])
        #expect(
            read(frame([]), "https://a.test/acme.v1.Vault/Purge", knowing: knowledge) == [
                "grpc acme.v1.Vault Purge", "unreadable 3",
            ])
        for message in [
            [0x0A, 5, 1], [0xFF], Self.field(1, "x") + Self.field(1, "y"), Self.field(1, 1), [0x0A, 1, 0xFF], [0x0B],
            [0x00],
            Self.field(5, Self.field(3, 1)), Array(repeating: 0x80, count: 11),
        ] as [[UInt8]] {
            #expect(read(frame(message), knowing: knowledge) == ["malformed_message"], "\(message)")
        }
        func nested(_ depth: Int) -> [UInt8] { depth == 0 ? [] : Self.field(6, nested(depth - 1)) }
        #expect(read(frame(nested(31)), knowing: knowledge) == ["grpc acme.v1.Vault Delete"])
        #expect(read(frame(nested(32)), knowing: knowledge) == ["malformed_message"])
        let few = CallReader.Knowledge(
            descriptors: try GRPCDescriptors([Self.set]), limits: DecodingLimits(messageFields: 2))
        #expect(read(frame(Self.field(4, [1, 2])), knowing: few) == ["grpc acme.v1.Vault Delete"])
        #expect(read(frame(Self.field(4, [1, 2, 3])), knowing: few) == ["malformed_message"])
    }

    @Test("a descriptor set that is none, too large or names a thing twice is refused")
    func descriptors() throws {
        func isTaken(_ bytes: [UInt8], _ limits: DecodingLimits = .default) -> Bool {
            (try? GRPCDescriptors([bytes], limits: limits)) != nil
        }
        #expect(isTaken(Self.set) && !isTaken([0x0A, 9]))
        // Another file with the same things, and the same file again, as two sets have what both import.
        let other = Self.set(in: "b.proto")
        #expect(isTaken(other) && !isTaken(Self.set + other) && isTaken(Self.set + Self.set))
        #expect(
            (try? GRPCDescriptors([Self.set, other])) == nil && (try? GRPCDescriptors([Self.set, Self.set])) != nil)
        #expect(isTaken(Self.set, DecodingLimits(descriptorBytes: Self.set.count)))
        #expect(!isTaken(Self.set, DecodingLimits(descriptorBytes: Self.set.count - 1)))
        #expect(
            isTaken(Self.set, DecodingLimits(descriptorTypes: 4))
                && !isTaken(Self.set, DecodingLimits(descriptorTypes: 3)))
    }
}
