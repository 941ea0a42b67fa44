import CEL
import Calls
import JSON

/// What loads and is yet hardly meant.
extension SetLoader {
    /// Pairs of rules that are compared; a set beyond it is not looked through for fallbacks that cannot speak.
    static let pairLimit = 1 << 20
    /// Rules of one route and method that are looked at one after the other.
    static let candidateLimit = 64

    private static let reading: Set<Text> = ["GET", "HEAD", "OPTIONS", "QUERY", "TRACE"]

    mutating func lint() {
        for place in places where !place.rule.isShadow {
            checkReach(of: place)
            checkTypes(of: place)
            checkMissing(of: place)
        }
        let superseded = Set(places.flatMap { $0.rule.supersedes.map(\.id) })
        checkFallbacks(superseded)
        checkShadowed(superseded)
        checkRoutes()
    }

    /// Writes to a whole host that pass.
    private mutating func checkReach(of place: Place) {
        let (rule, match) = (place.rule, place.rule.match)
        let writes = match.methods.isEmpty || !match.methods.allSatisfy(Self.reading.contains)
        guard rule.highest <= .reversible, writes, match.operation == nil, match.paths == [.every],
            match.query.isEmpty, match.header.isEmpty, rule.conditions.when == nil, !rule.isFallback
        else { return }
        report(
            .hostWithoutPath, "every path of the host passes, writes too", at: rule.span, place, severity: .warning,
            help: "add path, or method: [GET, HEAD] where only reads are meant")
    }

    /// A value is a text or a number; compared with both, one of the comparisons never holds.
    private mutating func checkTypes(of place: Place) {
        let conditions = place.rule.conditions
        let programs = ([conditions.when] + conditions.escalations.map(\.expression)).compactMap { $0?.program }
        var texts: Set<Int> = []
        var numbers: Set<Int> = []
        for comparison in programs.flatMap(\.slotComparisons) {
            switch comparison.constant {
            case .string: texts.insert(comparison.slot)
            case .int, .uint, .double: numbers.insert(comparison.slot)
            default: break
            }
        }
        for slot in texts.intersection(numbers).sorted() where conditions.facts[slot].untypedPath != nil {
            report(
                .mixedTypes, "\(conditions.names[slot]) is compared with a text and with a number", at: place.rule.span,
                place, severity: .warning,
                help:
                    "one of the two never holds: convert it once under let, for example int(\(conditions.names[slot]))")
        }
    }

    /// An exception judged as if the call said nothing of what its condition reads.
    private mutating func checkMissing(of place: Place) {
        let (rule, conditions) = (place.rule, place.rule.conditions)
        guard !rule.supersedes.isEmpty, conditions.bindings.isEmpty, let when = conditions.when?.program else { return }
        let paths = when.slots.map { conditions.facts[$0].untypedPath ?? [] }
        // A body as a whole is there even where it is empty.
        guard !paths.isEmpty, paths.allSatisfy({ !$0.isEmpty }) else { return }
        let slots = conditions.facts.map { _ in Value.absent(.noSuchKey) }
        do throws(EvaluationError) {
            guard case .bool(true) = try when.evaluate(slots.span) else { return }
            report(
                .trueWithoutField, "the exception holds where the call does not say what it asks about", at: rule.span,
                place, severity: .warning,
                help: "ask for the value that makes the call harmless: has(body.mode) && body.mode == 'test'")
        } catch {
            // What deeper fields stand in is the form of the API's documents, and not what a call may leave out.
            guard paths.allSatisfy({ $0.count == 1 }) else { return }
            report(
                .silentWithoutField, "the condition of the exception fails where a field is missing", at: rule.span,
                place, severity: .warning,
                help: "guard it: has(body.mode) && body.mode == 'test', or body.?mode.orValue('') == 'test'")
        }
    }

    /// A fallback speaks where no other rule may claim the call.
    private mutating func checkFallbacks(_ superseded: Set<String>) {
        let claiming = places.filter { place in
            place.rule.match.paths.contains { $0.isOpen } && speaksAlways(place, superseded)
        }
        let fallbacks = places.filter { $0.rule.isFallback && !$0.rule.isShadow && $0.rule.match.operation == nil }
        guard claiming.count * fallbacks.count <= Self.pairLimit else { return }
        for place in fallbacks {
            guard let other = claiming.first(where: { $0.rule.match.covers(place.rule.match) }) else { continue }
            report(
                .unreachable, "the fallback is always silent: \(other.rule.id) speaks for every call that it matches",
                at: place.rule.span, place, severity: .warning,
                help: "leave out kind: fallback if it should raise, or remove the rule")
        }
    }

    /// Whether a rule counts, and silences fallbacks, for whatever its method, host and path fit.
    private func speaksAlways(_ place: Place, _ superseded: Set<String>) -> Bool {
        let (rule, match) = (place.rule, place.rule.match)
        return !rule.isFallback && !rule.isShadow && !rule.conditions.decide && rule.until == nil
            && match.query.isEmpty && match.header.isEmpty && match.operation == nil && !superseded.contains(rule.id)
            && readers[place.reader].pack.map { $0.mayAlwaysClaim(match) } == true
    }

    /// Rules that decide nothing: another asks for more of every call that they match.
    private mutating func checkShadowed(_ superseded: Set<String>) {
        guard let lowest = places.map(\.rule.highest).min() else { return }
        // A rule that covers another is for each of its hosts, or for all.
        var stricter: [HostPattern: [Int]] = [:]
        for (number, place) in places.enumerated() where place.rule.floor > lowest && speaksAlways(place, superseded) {
            for host in place.rule.match.hosts { stricter[host, default: []].append(number) }
        }
        guard !stricter.isEmpty else { return }
        var pairs = 0
        for place in places {
            let (rule, match) = (place.rule, place.rule.match)
            guard !rule.isShadow, !rule.isFallback, !rule.isBlock, rule.supersedes.isEmpty, match.operation == nil,
                let host = match.hosts.first
            else { continue }
            let numbers = (stricter[host] ?? []) + (host == .every ? [] : stricter[.every] ?? [])
            pairs += numbers.count
            guard pairs <= Self.pairLimit else { return }
            let other = numbers.first { number in
                let other = places[number].rule
                return (other.isBlock || other.floor > rule.highest) && other.match.covers(match)
            }
            guard let other = other.map({ places[$0].rule }) else { continue }
            report(
                .shadowed, "the rule decides nothing: \(other.id) asks for more of every call that it matches",
                at: rule.span, place, severity: .warning,
                help: "if it is an exception, say supersedes: [\(other.id)] and a reason; else remove it")
        }
    }

    /// Rules that no index tells apart are asked one after the other for each call of their route.
    private mutating func checkRoutes() {
        struct Route: Hashable {
            let host: HostPattern
            let segments: [PathTemplate.Segment]
            let isOpen: Bool
        }
        guard places.count > Self.candidateLimit else { return }
        var routes: [Route: [Int]] = [:]
        for (number, place) in places.enumerated()
        where place.rule.match.operation == nil && place.rule.conditions.when != nil
            && place.rule.conditions.need == nil
        {
            for host in place.rule.match.hosts {
                for path in place.rule.match.paths {
                    routes[Route(host: host, segments: path.segments, isOpen: path.isOpen), default: []].append(number)
                }
            }
        }
        let crowded = routes.values.filter { $0.count > Self.candidateLimit }.sorted { $0[0] < $1[0] }
        for numbers in crowded {
            let methods = Set(numbers.flatMap { places[$0].rule.match.methods })
            let counts = (methods.isEmpty ? ["GET"] : methods.sorted()).map { method in
                numbers.filter { places[$0].rule.match.fits(method) }
            }
            guard let most = counts.max(by: { $0.count < $1.count }), most.count > Self.candidateLimit else { continue }
            report(
                .crowdedRoute, "\(most.count) rules of one route and method are asked one after the other",
                at: places[most[0]].rule.span, places[most[0]], severity: .warning,
                help: "tell them apart by path or method, or begin each condition with field == 'constant' &&")
        }
    }
}

extension Fact {
    /// The keys that lead to a value whose type is known only when a call comes.
    fileprivate var untypedPath: [Text]? {
        switch self {
        case .body(let path), .arguments(let path), .variables(let path): path
        default: nil
        }
    }
}

extension Rule.Match {
    /// Whether it matches whatever another matches.
    fileprivate func covers(_ other: Rule.Match) -> Bool {
        (methods.isEmpty || !other.methods.isEmpty && other.methods.allSatisfy(methods.contains))
            && other.hosts.allSatisfy { host in hosts.contains { $0 == .every || $0 == host } }
            && other.paths.allSatisfy { path in
                paths.contains { $0 == .every || $0.isOpen == path.isOpen && $0.segments == path.segments }
            }
    }
}
