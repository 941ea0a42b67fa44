/// Where the body ends, told wrongly, twice, or in other words.
extension HostileCorpus {
    static let framing = [lengthValues, lengthPairs, codingAlone] + codingBesideLength + [disguises, oldVersions]

    /// Each is five, or nothing, to some reader.
    private static let lengths = [
        "", " ", "+5", "-5", "05", "005", "0000000005", "0x5", "0X5", "0b101", "0o5", "5,", ",5", "5,5", "5, 5",
        "5 ,5", "5,6", "5, 0", "5;", "5;q=1", "5.", "5.0", "5.5", "5e0", "5E0", "5a", "a5", "a", "five", "\"5\"", "'5'",
        "(5)", "5(c)", "5 5", "5 0", "5\t0", "5_0", "1_0", "5%", "%35", "5#", "5/", "5\\", "5+", "5-", "--5", "++5",
        "+-5", "- 5", "+ 5", "5h", "5L", "5u", "5\u{B}", "\u{B}5", "5\u{C}", "\u{C}5", "5\0", "\u{0}5", "5\u{7F}",
        "\u{A0}5", "5\u{A0}", "5\u{85}", Draft.utf8("５"), Draft.utf8("٥"), Draft.utf8("5\u{200B}"), "4294967301",
        "18446744073709551621", "9223372036854775813", "-18446744073709551611", "99999999999999999999",
        String(repeating: "9", count: 1000), String(repeating: "0", count: 1000) + "5", "1000000000000000000", "NaN",
        "inf", "null", "true", "5\r", "5\n", "5\r\n 0", "5\r\n\t0", "[5]", "{5}", "5:5", "=5", "5=", "0.5e1", "1e1",
    ]

    private static let lengthValues = HostileFamily(
        "length values", "numbers are read by routines that skip signs, blanks, bases, lists and what follows digits"
    ) { family in
        for value in lengths {
            for (label, body) in [("a body", "hello"), ("a request behind", "hello" + Draft.smuggled)] {
                family.add(
                    "\(Draft.shown(value)) with \(label)", .fields("Content-Length: \(value)\r\n", body))
            }
        }
        for value in ["5", " 5", "5 ", "\t5\t", "   5"] {
            family.add(
                "\(Draft.shown(value)), which is five", .fields("Content-Length:\(value)\r\n", "hello"), .read(1))
        }
    }

    private static let lengthPairs = HostileFamily(
        "two lengths", "one reader takes the first, another the last, a third joins them"
    ) { family in
        for (first, second) in [("5", "5"), ("5", "0"), ("0", "5"), ("5", "6"), ("5", ""), ("", "5"), ("5", "x")] {
            for name in ["Content-Length", "content-length", "CONTENT-LENGTH", "Content-length"] {
                let (a, b) = ("Content-Length: \(first)\r\n", "\(name): \(second)\r\n")
                family.add("\(first) and \(name) \(second)", .fields(a + b, "hello" + Draft.smuggled))
                family.add("\(first) and, later, \(name) \(second)", .fields(a + "X-A: b\r\n" + b, "hello"))
            }
        }
    }

    /// Each is chunked, or is not, to some reader.
    private static let codings = [
        "Chunked", "CHUNKED", "chunKed", "cHUNKED", "chunked,", "chunked;", "chunked;q=1", ",chunked", ", chunked",
        "chunked, chunked", "chunked,chunked", "identity", "identity, chunked", "chunked, identity", "gzip, chunked",
        "chunked, gzip", "gzip", "compress", "deflate", "xchunked", "x-chunked", "chunkedx", "chunk", "cow",
        "cow, chunked", "chunked, cow", "\"chunked\"", "'chunked'", "chunked\0", "\0chunked", "chunked\u{B}",
        "\u{B}chunked", "\u{C}chunked", "chunked\u{C}", "chunked\u{85}", "\u{85}chunked", "chunked\u{A0}",
        "\u{A0}chunked", "\u{FF}chunked", "ch\u{FC}nked", "chun\tked", "chun ked", "chunked\u{7F}", "chunked%0a",
        "%63hunked", "chunked=1", "chunked(c)", "(c)chunked", Draft.utf8("chun\u{212A}ed"), "chunked\r", "chunked\n",
        "chunked\r\n ", "\r\n chunked", "\r\n\tchunked", "chunked\r\n , identity", "", " ", "trailers", "0", "null",
        "true",
        "chunked\t, x", ";chunked", "chunked;foo=bar", "chunked: x", ": chunked", "{chunked}", "chunked/1.0",
        Draft.utf8("\u{FEFF}chunked"), Draft.utf8("chunked\u{200B}"),
        String(repeating: "chunked,", count: 100) + "chunked",
    ]

    private static let codingAlone = HostileFamily(
        "transfer codings", "one reader finds `chunked` in what another takes for no coding, or for an unknown one"
    ) { family in
        for coding in codings {
            family.add(
                Draft.shown(coding), .fields("Transfer-Encoding: \(coding)\r\n", Draft.chunks + Draft.smuggled))
        }
        for coding in ["chunked", " chunked", "chunked ", "\tchunked\t"] {
            family.add(
                "\(Draft.shown(coding)), which is chunked", .fields("Transfer-Encoding:\(coding)\r\n", Draft.chunks),
                .read(1))
        }
    }

    /// The coding once more, beside what another reader goes by.
    private static let codingBesideLength: [HostileFamily] = {
        let spelled = ["chunked"] + codings
        func beside(_ name: String, _ fields: @escaping (String) -> String) -> HostileFamily {
            HostileFamily(
                "transfer coding \(name)",
                "one reader goes by the length and another by the chunks (RFC 9112 section 6.3)"
            ) { family in
                for coding in spelled {
                    family.add(Draft.shown(coding), .fields(fields(coding), Draft.chunks + Draft.smuggled))
                }
            }
        }
        return [
            beside("before a length") { "Transfer-Encoding: \($0)\r\nContent-Length: 5\r\n" },
            beside("after a length") { "Content-Length: 15\r\nTransfer-Encoding: \($0)\r\n" },
            beside("after a length of nothing") { "Content-Length: 0\r\nX-A: b\r\ntransfer-encoding: \($0)\r\n" },
            beside("before another coding") { "Transfer-Encoding: \($0)\r\nTransfer-Encoding: chunked\r\n" },
            beside("after another coding") { "Transfer-Encoding: identity\r\nTransfer-Encoding: \($0)\r\n" },
        ]
    }()

    /// Names that some reader takes for `name`.
    private static func spellings(_ name: String) -> [(String, String, HostileMessage.Expectation)] {
        let low = name.replacing("-", with: "_")
        var all: [(String, String, HostileMessage.Expectation)] = [
            ("a blank before the colon", "\(name) :", .refused), ("a tab before the colon", "\(name)\t:", .refused),
            ("a blank first", " \(name):", .refused), ("a tab first", "\t\(name):", .refused),
            ("NUL at the end", "\(name)\0:", .refused), ("NUL first", "\0\(name):", .refused),
            ("a vertical tab at the end", "\(name)\u{B}:", .refused), ("DEL at the end", "\(name)\u{7F}:", .refused),
            ("a no-break space at the end", "\(name)\u{A0}:", .refused), ("quotes", "\"\(name)\":", .refused),
            ("a bracket", "(\(name)):", .refused), ("a comma", "\(name),:", .refused),
            ("a blank inside", "\(name.prefix(2)) \(name.dropFirst(2)):", .refused),
            ("behind a bare line feed", "X-A: b\n\(name):", .refused),
            ("behind a bare return", "X-A: b\r\(name):", .refused),
            ("behind a fold", "X-A: b\r\n \(name):", .refused),
            ("behind a return and a feed too many", "X-A: b\r\r\n\(name):", .refused),
            ("after an empty name", ":\(name):", .refused), ("two colons", "\(name)::", .either),
            ("no colon", "\(name)", .refused),
            ("an equals sign", "\(name)=", .refused),
            ("in UTF-8", Draft.utf8("\(name.prefix(2))é\(name.dropFirst(2)):"), .refused),
            ("a soft hyphen", Draft.utf8("\(name)\u{AD}:"), .refused),
        ]
        if low != name { all.append(("an underscore", "\(low):", .refused)) }
        return all
    }

    private static let disguises = HostileFamily(
        "disguised names", "one reader trims, cuts or maps a name that another does not know"
    ) { family in
        let values = [
            ("Content-Length", "5"), ("Transfer-Encoding", "chunked"), ("Host", "other.test"), ("Connection", "close"),
            ("Expect", "100-continue"),
            ("Upgrade", "h2c"), ("Authorization", "Bearer x"), ("Content-Type", "text/plain"),
        ]
        for (name, value) in values {
            for (label, spelled, expected) in spellings(name) {
                family.add("\(name) with \(label)", .fields("X-B: c\r\n\(spelled) \(value)\r\n"), expected)
            }
        }
    }

    private static let oldVersions = HostileFamily(
        "chunks in HTTP/1.0", "a reader of 1.0 knows no codings (RFC 9112 section 6.1)"
    ) { family in
        for coding in ["chunked", "Chunked", "identity", "gzip, chunked", "", "xchunked"] {
            for keep in ["", "Connection: keep-alive\r\n", "Content-Length: 5\r\n"] {
                var draft = Draft.fields("\(keep)Transfer-Encoding: \(coding)\r\n", Draft.chunks)
                draft.version = "HTTP/1.0"
                family.add("\(Draft.shown(coding)) with \(Draft.shown(keep))", draft)
            }
        }
    }
}
