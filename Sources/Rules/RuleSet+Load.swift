package import Calls
import JSON

extension RuleSet {
    /// Rules that a set may have; each takes a few microseconds to load.
    static let ruleLimit = 100_000
    /// Pairs of host and path over all rules: what the index has to hold.
    static let routeLimit = 1_000_000

    /// Reads every file and says everything that is wrong; with a single error there is no set.
    package static func load(
        _ sources: [RuleSource], digest: String, now: Timestamp
    ) -> (RuleSet?, [Diagnostic]) {
        // The order in which files are found means nothing, not even for the order of diagnostics.
        let sources = sources.sorted { Text($0.path) < Text($1.path) }
        var loader = SetLoader(sources.enumerated().map { PackReader($1, number: $0) })
        loader.check(now: now)
        loader.lint()
        let diagnostics = loader.readers.flatMap { $0.yaml.diagnostics }
        let packs = loader.readers.compactMap(\.pack)
        guard !diagnostics.contains(where: { $0.severity == .error }), packs.count == loader.readers.count else {
            return (nil, diagnostics)
        }
        let set = RuleSet(
            packs, loader.readers.flatMap(\.rules), ranks: loader.ranks, tests: loader.readers.flatMap(\.tests),
            digest: digest)
        return (set, diagnostics)
    }
}

/// What can only be seen with all files side by side.
struct SetLoader {
    struct Place {
        let reader: Int
        let rule: Rule
    }

    var readers: [PackReader]
    private(set) var ranks: [Int] = []
    /// All rules, in the order of the set.
    let places: [Place]
    private var byID: [String: Int] = [:]
    /// In order, for suggestions; sorted when the first is looked for.
    private var ids: [String] = []

    init(_ readers: [PackReader]) {
        self.readers = readers
        places = readers.enumerated().flatMap { number, reader in reader.rules.map { Place(reader: number, rule: $0) } }
    }

    mutating func check(now: Timestamp) {
        refuseDuplicatePacks()
        refuseDuplicateRules()
        checkSize()
        for place in places {
            checkExceptions(of: place)
            checkEnd(of: place, now)
        }
        ranks = rank()
        checkTests()
    }

    private mutating func refuseDuplicatePacks() {
        var seen: [String: String] = [:]
        for index in readers.indices {
            guard let pack = readers[index].pack, !pack.name.isEmpty else { continue }
            if let other = seen[pack.name] {
                readers[index].yaml.report(
                    .duplicatePack, "the pack \(pack.name) is in \(other) too", at: SourceSpan(line: 1, column: 1),
                    help: "remove one of the files, or rename one of the packs")
            }
            seen[pack.name] = pack.file
        }
    }

    private mutating func refuseDuplicateRules() {
        for (number, place) in places.enumerated() {
            if let other = byID[place.rule.id] {
                let file = readers[places[other].reader].yaml.file.path
                report(
                    .duplicateRule, "the id \(place.rule.id) is taken at \(file):\(places[other].rule.span.line)",
                    at: place.rule.span, place, help: "give the rule an id of its own, for example with the pack's name"
                )
            } else {
                byID[place.rule.id] = number
            }
        }
    }

    private mutating func checkSize() {
        if places.count > RuleSet.ruleLimit, let last = places.last {
            report(.overLimit, "more than \(RuleSet.ruleLimit) rules", at: last.rule.span, last)
        }
        var routes = 0
        for place in places {
            routes += place.rule.match.hosts.count * place.rule.match.paths.count
            guard routes > RuleSet.routeLimit else { continue }
            report(
                .overLimit, "more than \(RuleSet.routeLimit) pairs of host and path", at: place.rule.span, place,
                help: "use patterns instead of long lists")
            return
        }
    }

    private mutating func checkExceptions(of place: Place) {
        for superseded in place.rule.supersedes {
            guard let number = byID[superseded.id] else {
                report(
                    .supersedesUnknown, "there is no rule \(superseded.id)", at: superseded.span, place,
                    help: meant(superseded.id, place.reader))
                continue
            }
            let target = places[number]
            if target.rule.isFinal {
                report(
                    .supersedesFinal, "the rule \(superseded.id) is final and cannot be superseded",
                    at: superseded.span,
                    place, help: "ask the owner of the rule to change it")
            }
            if target.rule.isFallback {
                report(
                    .badValue, "the rule \(superseded.id) is a fallback: it is silent where this rule speaks",
                    at: superseded.span, place, help: "leave supersedes out")
            }
            if target.reader != place.reader, readers[place.reader].pack?.isOwn == false {
                report(
                    .supersedesOtherPack,
                    "a pack that speaks for certain hosts cannot supersede a rule of another pack",
                    at: superseded.span, place, help: "write the exception in a pack of your own, without hosts")
            }
        }
    }

    private mutating func checkEnd(of place: Place, _ now: Timestamp) {
        guard let until = place.rule.until else { return }
        if place.rule.hasEnded(at: now) {
            report(
                .hasEnded, "the rule ended with \(until.spelling)", at: place.rule.span, place, severity: .warning,
                help: "remove it, or give it another day")
        } else if until.end - now < .days(14) {
            report(
                .endsSoon, "the rule ends with \(until.spelling)", at: place.rule.span, place, severity: .warning,
                help: "give it another day, or let it end")
        }
    }

    private mutating func checkTests() {
        var tested: Set<String> = []
        for index in readers.indices {
            for (id, span) in readers[index].testedRules {
                tested.insert(id)
                guard byID[id] == nil else { continue }
                readers[index].yaml.report(
                    .testOfUnknownRule, "there is no rule \(visible(id))", at: span, in: "a test",
                    help: meant(id, index))
            }
        }
        for place in places where !tested.contains(place.rule.id) && !place.rule.isShadow {
            report(
                .untested, "no test names this rule", at: place.rule.span, place, severity: .warning,
                help: "add to tests: a call that it should match, with expect: {rules: [\(place.rule.id)]}")
        }
    }

    /// Kahn's algorithm: ranks such that who supersedes comes first; what is left over goes in a circle.
    private mutating func rank() -> [Int] {
        let targets = places.map { place in place.rule.supersedes.compactMap { byID[$0.id] } }
        var waitingFor = [Int](repeating: 0, count: places.count)
        for list in targets { for target in list { waitingFor[target] += 1 } }
        var ready = places.indices.filter { waitingFor[$0] == 0 }
        var ranks = [Int](repeating: 0, count: places.count)
        var next = 0
        while let number = ready.popLast() {
            ranks[number] = next
            next += 1
            for target in targets[number] {
                waitingFor[target] -= 1
                if waitingFor[target] == 0 { ready.append(target) }
            }
        }
        for (number, place) in places.enumerated() where waitingFor[number] > 0 {
            guard let span = place.rule.supersedes.first?.span else { continue }
            report(
                .supersedesInCircle, "rules supersede one another in a circle", at: span, place,
                help: "one of them must not name the other")
        }
        return ranks
    }

    /// Looking through all ids takes time, so it ends when a file has mistakes enough.
    private mutating func meant(_ id: String, _ reader: Int) -> String? {
        guard readers[reader].yaml.diagnostics.count < 50 else { return nil }
        if ids.isEmpty { ids = byID.keys.sorted() }
        return suggestion(for: id, among: ids).map { "did you mean \($0)?" }
    }

    mutating func report(
        _ code: Diagnostic.Code, _ message: String, at span: SourceSpan, _ place: Place,
        severity: Diagnostic.Severity = .error, help: String? = nil
    ) {
        readers[place.reader].yaml.rule = place.rule.id
        readers[place.reader].yaml.report(code, message, at: span, severity: severity, help: help)
        readers[place.reader].yaml.rule = nil
    }
}
