/// The words after a measurement's name: `--name value`, each name known beforehand.
struct Options {
    private var values: [String: String] = [:]

    /// Words that nobody can act on.
    struct Misuse: Error, CustomStringConvertible {
        let description: String
    }

    init(_ words: [String], known: [String]) throws(Misuse) {
        var rest = words[...]
        while let word = rest.popFirst() {
            guard known.contains(word) else {
                throw Misuse(
                    description: "\(word) is no option of this measurement; it has \(known.joined(separator: ", "))")
            }
            guard let value = rest.popFirst() else { throw Misuse(description: "\(word) needs a value") }
            values[word] = value
        }
    }

    func text(_ name: String) -> String? { values[name] }

    func list(_ name: String) -> [String]? {
        values[name].map { $0.split(separator: ",").map(String.init) }
    }

    func count(_ name: String, or usual: Int, in range: ClosedRange<Int>) throws(Misuse) -> Int {
        guard let value = values[name] else { return usual }
        guard let count = Int(value), range.contains(count) else {
            throw Misuse(description: "\(name) must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return count
    }

    func seconds(_ name: String, or usual: Double) throws(Misuse) -> Double {
        guard let value = values[name] else { return usual }
        guard let seconds = Double(value), seconds >= 0.1, seconds <= 3600 else {
            throw Misuse(description: "\(name) must be a number of seconds from 0.1 to 3600")
        }
        return seconds
    }
}
