import Glibc
import JSON
import JSONReference

extension FuzzTarget {
    static let json = FuzzTarget(
        name: "json",
        summary: "JSON: the same values as simdjson reads, and refused only for the reasons that are ours on purpose",
        seeds: [
            #"{"a":[1,-2.50,3e7,true,false,null],"b":{"c":"d\u00e9\n\ud83d\ude00"}}"#, #""\"\\\/\b\f\n\r\t\u0000""#,
            "[[[[]]],{},[{}]]", "18446744073709551616", "1e999", #"{"a":1,"a":2}"#, "0.1", " [ 1 , 2 ] ", "-0",
            #"{"é":"e\u0301","":0,"k1":1,"k2":2,"k3":3,"k4":4,"k5":5,"k6":6,"k7":7,"k8":8}"#, #""\ud800""#,
        ].map(\.bytes),
        dictionary: [
            "{", "}", "[", "]", ":", ",", "\"", "true", "false", "null", "\\u", "\\ud83d\\ude00", "\\ud800", "\\\"",
            "\\\\", "\\/", "1e", "e+", "e-", ".0", "-0", "\u{FEFF}", "\u{7F}", "\u{2028}", "é", "18446744073709551616",
            "9007199254740993", "1E400", "\"a\":",
        ],
        run: { bytes throws(Finding) in
            let (verdict, text) = reference(bytes)
            let document: JSONDocument
            do throws(JSONError) {
                document = try JSONDocument.parse(bytes)
            } catch {
                try require(error.offset >= 0 && error.offset <= bytes.count, "an error at byte \(error.offset)")
                guard verdict == json_reference_accepted else { return }
                switch error.reason {
                case .duplicateKey, .tooDeep, .tooLong, .tooManyValues, .byteOrderMark: return
                default: throw Finding("refused (\(error)), which simdjson reads")
                }
            }
            try require(verdict != json_reference_refused, "read, which simdjson refuses")
            var ours: [UInt8] = []
            try flatten(document.root, into: &ours)
            try requireSame(Transcript.quoted(ours), Transcript.quoted(text), "other values than simdjson's")
        })

    private static func reference(_ bytes: [UInt8]) -> (json_reference_verdict, [UInt8]) {
        var text: UnsafeMutablePointer<UInt8>?
        var length = 0
        let verdict = bytes.withUnsafeBufferPointer { json_reference_read($0.baseAddress, $0.count, &text, &length) }
        defer { free(text) }
        return (verdict, Array(UnsafeBufferPointer(start: text, count: text == nil ? 0 : length)))
    }

    /// As the reference tells it, by way of every accessor.
    private static func flatten(_ node: JSONNode, into out: inout [UInt8]) throws(Finding) {
        func put(_ kind: String, _ text: some Collection<UInt8>) {
            out += "\(kind)\(text.count):".utf8
            out += text
        }
        switch node.kind {
        case .null: out.append(UInt8(ascii: "z"))
        case .bool: out.append(node.bool == true ? UInt8(ascii: "t") : UInt8(ascii: "f"))
        case .number:
            put("n", node.number?.bytes ?? [])
            if let integer = node.integer, "\(integer)" != node.number?.string, node.number != "-0" {
                throw Finding("the number \(node.number?.string ?? "") is taken for \(integer)")
            }
        case .string:
            let text = node.text?.string ?? ""
            put("s", text.utf8)
            let again = try? JSONDocument.parse(JSONWriter.string(text)).root.text
            try require(again?.utf8.elementsEqual(text.utf8) == true, "a string that was written is read otherwise")
        case .array:
            out.append(UInt8(ascii: "["))
            for element in node.elements { try flatten(element, into: &out) }
            out.append(UInt8(ascii: "]"))
        case .object:
            out.append(UInt8(ascii: "{"))
            for (key, value) in node.members {
                put("k", key.utf8)
                try requireSame(node[key]?.span, value.span, "a key leads to another value")
                try flatten(value, into: &out)
            }
            out.append(UInt8(ascii: "}"))
        }
    }
}
