/// Names one decoded call in the journal, messages and traces: `c_` and 20 characters.
package struct CallID: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// - Parameter random: 100 bits from the kernel; the caller draws them.
    package init(random: (UInt64, UInt64)) { description = base32("c_", random.0, random.1, count: 10) }
    package init(_ text: String) { description = text }
}

/// Names one hold, everywhere and for ever: `h_` and 12 characters (60 random bits).
package struct HoldID: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(random: UInt64) { description = base32("h_", random, count: 12) }

    /// A hold's name as a person or a store gives it; nil unless it is `h_` and 12 characters of the alphabet.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 14, text.hasPrefix("h_"), bytes.dropFirst(2).allSatisfy(alphabet.contains) else {
            return nil
        }
        description = text
    }
}

/// One run of one agent, by what the agent cannot choose (its uid, the proxy user with its token, the jail).
package struct SessionID: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// - Parameter text: the agent, or `agent/run` where one agent has several runs.
    package init(_ text: String) { description = text }

    /// Whose run it is.
    package var agent: AgentID { AgentID(description.prefix { $0 != "/" }) }
}

/// One agent over all its runs: an account of this machine, or a name that a token proves.
package struct AgentID: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ text: some StringProtocol) { description = String(text) }
}

/// Crockford's alphabet in small letters: nothing in it is mistaken for something else when read aloud.
private let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

/// `prefix` and `count` digits of each number.
private func base32(_ prefix: StaticString, _ numbers: UInt64..., count: Int) -> String {
    let size = prefix.utf8CodeUnitCount + numbers.count * count
    // On the path of every call: digits go straight into the string's own memory.
    return unsafe String(unsafeUninitializedCapacity: size) { letters in
        var index = 0
        while index < prefix.utf8CodeUnitCount {
            unsafe letters[index] = prefix.utf8Start[index]
            index += 1
        }
        for number in numbers {
            for digit in 0..<count {
                unsafe letters[index] = alphabet[Int(truncatingIfNeeded: number >> UInt64(digit * 5)) & 31]
                index += 1
            }
        }
        return index
    }
}
