import JSON

/// Macros that go through a list or a map.
extension Machine {
    mutating func loop(_ at: Int32, _ loop: Code.Loop, _ slots: Span<Value>) throws(EvaluationError) -> Value {
        guard var elements = ValueSequence(try value(loop.range, slots)) else {
            throw placed(.noSuchOverload("macro"), at)
        }
        do throws(EvaluationError) {
            switch loop.kind {
            case .all, .exists: return .bool(try quantify(loop, &elements, slots))
            case .existsOne:
                var count = 0
                while try advance(loop, &elements) {
                    if try test(loop.body, slots) { count += 1 }
                }
                return .bool(count == 1)
            case .map: return .list(try mapped(loop, &elements, slots))
            case .filter:
                var kept: [Value] = []
                while try advance(loop, &elements) {
                    // The body may have used the place for a variable of its own only after reading ours.
                    let element = locals[Int(loop.variable)]
                    if try test(loop.body, slots) { kept.append(element) }
                }
                return .list(kept)
            case .transformMap, .transformMapEntry: return .map(try transformed(loop, &elements, slots))
            case .sortBy: return .list(try sorted(loop, &elements, slots))
            }
        } catch {
            throw placed(error, at)
        }
    }

    /// Gives the variables their next values; false at the end.
    private mutating func advance(
        _ loop: Code.Loop, _ elements: inout ValueSequence
    ) throws(EvaluationError) -> Bool {
        try charge(1)
        if let second = loop.second {
            guard let (key, value) = elements.nextEntry() else { return false }
            locals[Int(loop.variable)] = key
            locals[Int(second)] = value
        } else {
            guard let element = elements.next() else { return false }
            locals[Int(loop.variable)] = element
        }
        return true
    }

    /// `all` and `exists`: one element decides, whatever others do; else the first error stands.
    private mutating func quantify(
        _ loop: Code.Loop, _ elements: inout ValueSequence, _ slots: Span<Value>
    ) throws(EvaluationError) -> Bool {
        let decides = loop.kind == .exists
        var failure: EvaluationError?
        while try advance(loop, &elements) {
            do throws(EvaluationError) {
                if try test(loop.body, slots) == decides { return decides }
            } catch {
                guard error.kind != .stepLimit else { throw error }
                if failure == nil { failure = error }
            }
        }
        if let failure { throw failure }
        return !decides
    }

    private mutating func mapped(
        _ loop: Code.Loop, _ elements: inout ValueSequence, _ slots: Span<Value>
    ) throws(EvaluationError) -> [Value] {
        var results: [Value] = []
        while try advance(loop, &elements) {
            if let condition = loop.condition, try !test(condition, slots) { continue }
            results.append(try value(loop.body, slots))
        }
        return results
    }

    private mutating func transformed(
        _ loop: Code.Loop, _ elements: inout ValueSequence, _ slots: Span<Value>
    ) throws(EvaluationError) -> MapValue {
        var keys: [Value] = []
        var values: [Value] = []
        while try advance(loop, &elements) {
            let own = locals[Int(loop.variable)]
            if let condition = loop.condition, try !test(condition, slots) { continue }
            keys.append(
                try loop.key.map { (key) throws(EvaluationError) in try Self.checkedKey(try value(key, slots)) } ?? own)
            values.append(try value(loop.body, slots))
        }
        guard let map = MapValue(keys, values) else { throw EvaluationError(.duplicateKey) }
        return map
    }

    private mutating func sorted(
        _ loop: Code.Loop, _ elements: inout ValueSequence, _ slots: Span<Value>
    ) throws(EvaluationError) -> [Value] {
        var pairs: [(key: Value, element: Value)] = []
        while try advance(loop, &elements) {
            let element = locals[Int(loop.variable)]
            pairs.append((try value(loop.body, slots), element))
        }
        return try sort(pairs)
    }

    /// By keys that are of one type and have an order; elements with equal keys stay in theirs.
    mutating func sort(_ pairs: [(key: Value, element: Value)]) throws(EvaluationError) -> [Value] {
        guard let first = pairs.first?.key else { return [] }
        for (key, _) in pairs {
            guard key.typeName == first.typeName, Self.order(.less, key, key) != nil else {
                throw .noSuchOverload("sort")
            }
        }
        try charge(pairs.count * max(1, Int.bitWidth - pairs.count.leadingZeroBitCount))
        return pairs.enumerated().sorted { a, b in
            if Self.order(.less, a.element.key, b.element.key) == true { return true }
            if Self.order(.less, b.element.key, a.element.key) == true { return false }
            return a.offset < b.offset
        }.map(\.element.element)
    }
}
