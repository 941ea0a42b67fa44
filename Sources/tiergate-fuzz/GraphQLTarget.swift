import Calls
import JSON
import Wire

extension FuzzTarget {
    static let graphql = FuzzTarget(
        name: "graphql",
        summary: "GraphQL documents: every form of a request has the same root fields, within the limits",
        seeds: [
            "{ a }", "query Q($a: [Int!]! = [1]) @x { b: c(d: $a, e: \"\\u0041\") { ...F } } fragment F on T { g }",
            "mutation { ... on M { ... @skip(if: true) { del(input: {id: \"I\", n: -1.5e3, l: [RED, null]}) } } }",
            "subscription { a(b: \"\"\"\n  x\n    y \\\"\"\"\n\"\"\") }", "query A { a } mutation B { b } # c\n",
            "{ ...F } fragment F on T { ...F }",
        ].map(\.bytes),
        dictionary: [
            "query", "mutation", "subscription", "fragment", "on", "...", "...F", "{", "}", "(", ")", ":", "$", "@",
            "!",
            "=", "[", "]", "\"\"\"", "\\\"\"\"", "\\u{", "\\uD83D\\uDE00", "#", ",", "null", "true", "0", "-1.5e3",
            "\u{FEFF}",
        ],
        run: { bytes throws(Finding) in
            let plain = call("https://a.test/graphql", "application/graphql", bytes)
            guard let text = Text(utf8: bytes), !text.isEmpty, !bytes.contains(0) else { return }
            let json = JSONWriter.object { $0.field("query", text) }
            let posted = call("https://a.test/graphql", "application/json", json)
            try requireSame(plain?.operations, posted?.operations, "JSON asks for other fields than the document")
            let url = Text("https://a.test/graphql?query=\(percentEncoded(bytes))")
            if url.utf8.count < 8000 {
                try requireSame(
                    plain?.operations, call(url, "", [], method: "GET")?.operations,
                    "GET asks for other fields than the document")
            }
            try require(plain?.operations.count ?? 1 <= DecodingLimits.default.operations, "too many operations")
            try require(plain?.operations.isEmpty != true, "a document that asks for nothing")
            // A comment and commas mean nothing.
            let spaced = call("https://a.test/graphql", "application/graphql", ",# x\n".bytes + bytes + "\n,#".bytes)
            guard !text.hasPrefix("\u{FEFF}") else { return }
            try requireSame(plain?.operations, spaced?.operations, "a comment changes what is asked for")
        })
}
