package import JSON

/// Looks for names that carry data out: whoever answers for a name learns what was asked.
///
/// Three measures, none of which an ordinary program comes near: a run of letters and digits that looks random, how many
/// names are asked for below one registered name, and how much text they have together.
package struct NameScrutiny: Sendable {
    /// A run of letters and digits from this length on is looked at: longer than words, shorter than a hash.
    package static let randomLength = 28
    /// Bits a letter, by how often each occurs, from which on it is no text: words written together have less than 3.8,
    /// forty random ones 4.2 or more, and hexadecimal digits, which words have few of, at most 4.
    package static let randomness = (letters: 3.8, digits: 3.4)
    /// From this many on a run is taken for digits.
    package static let fewDigits = 4
    package static let mostNames = 512
    package static let mostText = 16 << 10
    /// Registered names that are remembered, of which a session has addresses for half as many; what comes after them is
    /// objected to.
    package static let mostRegistered = 8192

    package enum Objection: Hashable, Sendable {
        case randomLabel(length: Int)
        case manyNames(below: Text)
        case muchText(below: Text)
        case manyRegistered

        package var sentence: String {
            switch self {
            case .randomLabel(let length): "a part of the name is \(length) letters that look random"
            case .manyNames(let parent): "more than \(NameScrutiny.mostNames) names below \(parent) were asked for"
            case .muchText(let parent):
                "names below \(parent) that were asked for have more than \(NameScrutiny.mostText) letters"
            case .manyRegistered: "names of more than \(NameScrutiny.mostRegistered) owners were asked for"
            }
        }
    }

    private struct Tally: Sendable {
        var names = 0
        var text = 0
    }

    private var tallies: [Text: Tally] = [:]

    package init() {}

    /// Counts a name that was not asked for before; nil where nothing is odd about it.
    package mutating func objection(to name: DomainName) -> Objection? {
        if let length = NameScrutiny.randomRun(name.text.bytes) { return .randomLabel(length: length) }
        let (parent, text) = NameScrutiny.registered(name)
        guard tallies[parent] != nil || tallies.count < NameScrutiny.mostRegistered else { return .manyRegistered }
        var tally = tallies[parent] ?? Tally()
        guard tally.names < NameScrutiny.mostNames else { return .manyNames(below: parent) }
        guard tally.text + text <= NameScrutiny.mostText else { return .muchText(below: parent) }
        tally.names += 1
        tally.text += text
        tallies[parent] = tally
        return nil
    }

    /// The name that somebody registered, as far as that can be told without the list of public suffixes: two labels, or
    /// three where the last two are short (`example.co.uk`). And how much text stands before it.
    static func registered(_ name: DomainName) -> (name: Text, text: Int) {
        let labels = name.labels
        guard labels.count > 2 else { return (name.text, 0) }
        let isShort = labels[labels.count - 1].utf8.count == 2 && labels[labels.count - 2].utf8.count <= 3
        let parent = labels.suffix(isShort ? 3 : 2).joined(separator: ".")
        return (Text(parent), max(0, name.text.utf8.count - parent.utf8.count - 1))
    }

    /// The length of the first run of letters and digits that looks random.
    static func randomRun(_ text: [UInt8]) -> Int? {
        for run in text.split(whereSeparator: { $0 == 0x2E || $0 == 0x2D || $0 == 0x5F })
        where run.count >= randomLength {
            let digits = run.count { $0 < 0x3A }
            if entropy(run) >= (digits < fewDigits ? randomness.letters : randomness.digits) { return run.count }
        }
        return nil
    }

    /// Shannon's, in bits a letter.
    static func entropy(_ text: ArraySlice<UInt8>) -> Double {
        var counts: [UInt8: Int] = [:]
        for byte in text { counts[byte, default: 0] += 1 }
        let total = Double(text.count)
        return counts.values.reduce(0) { sum, count in
            let share = Double(count) / total
            return sum - share * Binary.logarithm(share)
        }
    }
}

/// The logarithm to base 2 without a C library, exact enough to compare with a threshold.
private enum Binary {
    static func logarithm(_ value: Double) -> Double {
        guard value > 0 else { return 0 }
        var result = Double(value.exponent)
        var rest = value.significand
        var step = 0.5
        for _ in 0..<20 {
            rest *= rest
            if rest >= 2 {
                rest /= 2
                result += step
            }
            step /= 2
        }
        return result
    }
}
