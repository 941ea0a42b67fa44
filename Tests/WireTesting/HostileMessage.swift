/// A request, or several behind one another, that readers of HTTP/1.1 take differently.
package struct HostileMessage: Sendable, CustomStringConvertible {
    package let family: String
    package let variant: String
    /// Why two readers may differ over it.
    package let reason: String
    package let entrance: Entrance
    package let bytes: [UInt8]
    package let expected: Expectation

    package enum Entrance: Sendable {
        /// Inside a tunnel to `api.test:80`, as an upstream would get it.
        case tunnel
        /// To the proxy itself, with the whole URI as its target.
        case proxy
    }

    package enum Expectation: Equatable, Sendable {
        /// No part of it has a reading.
        case refused
        /// All of it has one, as this many requests.
        case read(Int)
        /// This many requests have one; what follows has none.
        case refusedAfter(Int)
        /// Refused or read: what counts is that every reader of what is sent on reads the same.
        case either
    }

    package var description: String { "\(family): \(variant)" }
}

/// Messages that are wrong in one way, each in a variant of it.
package struct HostileFamily: Sendable {
    package let name: String
    let reason: String
    let entrance: HostileMessage.Entrance
    package private(set) var messages: [HostileMessage] = []

    init(
        _ name: String, _ reason: String, to entrance: HostileMessage.Entrance = .tunnel,
        _ fill: (inout HostileFamily) -> Void
    ) {
        self.name = name
        self.reason = reason
        self.entrance = entrance
        fill(&self)
    }

    /// - Parameter text: a scalar for each byte, up to U+00FF.
    mutating func add(_ variant: String, _ text: String, _ expected: HostileMessage.Expectation = .refused) {
        messages.append(
            HostileMessage(
                family: name, variant: variant, reason: reason, entrance: entrance, bytes: Draft.bytes(text),
                expected: expected))
    }

    mutating func add(_ variant: String, _ draft: Draft, _ expected: HostileMessage.Expectation = .refused) {
        add(variant, draft.text, expected)
    }
}

/// A request that is right in all but what a family makes of it. Each scalar of its texts stands for one byte.
struct Draft {
    var method = "PUT"
    var target = "/echo"
    var version = "HTTP/1.1"
    var host = "Host: api.test\r\n"
    /// Whole lines.
    var fields = ""
    var body = ""

    var text: String { "\(method) \(target) \(version)\r\n\(host)\(fields)\r\n\(body)" }

    static let greeting = Draft(method: "GET").text
    /// What a smuggler hides behind a body that another reader thinks is longer or shorter.
    static let smuggled = Draft(method: "DELETE", target: "/smuggled").text
    static let chunks = "5\r\nhello\r\n0\r\n\r\n"

    static func fields(_ lines: String, _ body: String = "") -> Draft { Draft(fields: lines, body: body) }

    static func chunked(_ body: String) -> Draft { .fields("Transfer-Encoding: chunked\r\n", body) }

    static func bytes(_ text: String) -> [UInt8] { text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } }

    /// By scalars: to `String`, CR LF is one character.
    static func begins(_ text: String, with start: String) -> Bool {
        text.unicodeScalars.starts(with: start.unicodeScalars)
    }

    /// The bytes of UTF-8, a scalar for each.
    static func utf8(_ text: String) -> String { String(text.utf8.map { Character(Unicode.Scalar($0)) }) }

    /// A byte, or a piece of text, as a table names it.
    static func shown(_ text: String) -> String {
        guard text.unicodeScalars.count <= 48 else { return "\(text.unicodeScalars.count) bytes" }
        return text.unicodeScalars.map { scalar in
            switch scalar.value {
            case 0x21...0x7E: String(scalar)
            case 0x20: "␠"
            case 0x0D: "␍"
            case 0x0A: "␊"
            case 0x09: "␉"
            default: "‹" + String(scalar.value, radix: 16) + "›"
            }
        }.joined()
    }
}
