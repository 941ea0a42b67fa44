import Foundation
import Testing

@testable import Rules

/// The generic rules and the imports say the same of a name, though each has the words in a form of its own.
@Suite("WordFamily: the words of the generic rules")
struct WordFamilyTests {
    private static let families: [(WordFamily, String)] = [
        (.deletion, "delete"), (.communication, "send"), (.financial, "pay"), (.deploy, "deploy"),
        (.privilege, "access"), (.run, "run"),
    ]

    /// The lines of one of the generic rules.
    private func rule(_ id: String) throws -> Substring {
        let file = ShippedPacksTests.directory.appending(path: "generic/words.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        let start = try #require(text.range(of: "- id: words.\(id)\n"))
        return text[start.upperBound...].prefix(
            upTo: text[start.upperBound...].range(of: "  - id:")?.lowerBound ?? text.endIndex)
    }

    @Test("verbs are the same", arguments: families)
    func verbs(family: WordFamily, name: String) throws {
        func verbs(_ kind: String) throws -> Set<String> {
            let verbs = try #require(try rule("\(kind)-\(name)").firstMatch(of: /\(\?i:([a-z|]+)\)/)).1
            return Set(verbs.split(separator: "|").map(String.init))
        }
        // Names of tools have some that in a path would be a thing: `python`.
        #expect(try verbs("path").isSubset(of: verbs("tool")))
        #expect(try verbs("tool") == family.verbs)
    }

    @Test("collections are the same", arguments: families)
    func collections(family: WordFamily, name: String) throws {
        guard let found = try rule("path-\(name)").firstMatch(of: /'\(\?i\)\/\((.*?)\)\/\?\$'/) else {
            #expect(family.collections.isEmpty)
            return
        }
        // `(api|ssh)[-_]?keys?` and `rpc-exec` are names of two words, of which the import knows the last.
        let alternatives = found.1.replacing(/\([a-z|]+\)/, with: "x").split(separator: "|")
        var (whole, ends): (Set<String>, Set<String>) = ([], [])
        for alternative in alternatives {
            let word = String(alternative.split(whereSeparator: { "-_]?".contains($0) && $0 != "?" }).last ?? "")
                .replacing("?", with: "")
            let forms = alternative.hasSuffix("s?") ? [word, String(word.dropLast())] : [word]
            if alternative.contains("-") { ends.formUnion(forms) } else { whole.formUnion(forms) }
        }
        #expect(whole.isSubset(of: family.collections))
        // The import takes the singular of each too.
        let known = whole.union(ends)
        #expect(family.collections.allSatisfy { word in ["", "s", "es"].contains { known.contains(word + $0) } })
        #expect(
            ends.allSatisfy { word in family.collections.contains { $0.hasPrefix(word) } || family.verbs.contains(word)
            })
    }
}
