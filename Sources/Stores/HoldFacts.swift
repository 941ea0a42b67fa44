import Calls
package import Holds
package import JSON

extension Hold.Facts {
    package var json: String {
        let bytes = JSONWriter.object { object in
            object.field("method", method)
            object.field("target", target)
            object.field("principal", principal)
            object.field("tier", tier.rawValue)
            object.field("category", category?.rawValue)
            object.array("flags", flags.map(\.rawValue))
            object.array("summaries", summaries)
            object.field("reason", reason)
            object.array("rules", rules)
            terms.write(to: &object)
            object.field("rules_digest", rulesDigest)
            object.field("body_length", bodyLength)
            if isReview { object.field("review", true) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    package convenience init?(_ json: JSONNode) {
        func text(_ name: Text) -> String? { json[name]?.text?.string }
        func number(_ name: Text) -> Int? { json[name]?.integer.flatMap { Int(exactly: $0) } }
        guard let method = text("method"), let target = text("target"), let principal = text("principal"),
            let tier = number("tier").flatMap(Tier.init(rawValue:)), let category = json["category"],
            let flags = json["flags"]?.strings, let summaries = json["summaries"]?.strings, let reason = text("reason"),
            let rules = json["rules"]?.strings, let terms = Terms(json),
            let rulesDigest = text("rules_digest"), let bodyLength = number("body_length")
        else { return nil }
        guard let isReview = json["review"].map(\.bool) ?? false else { return nil }
        let knownFlags = flags.compactMap(Flag.init(rawValue:))
        let knownCategory = category.text.flatMap { Category(rawValue: $0.string) }
        guard knownFlags.count == flags.count, category.isNull || knownCategory != nil else { return nil }
        self.init(
            method: method, target: target, principal: principal, tier: tier, category: knownCategory,
            flags: knownFlags, summaries: summaries, reason: reason, rules: rules, terms: terms,
            rulesDigest: rulesDigest, bodyLength: bodyLength, isReview: isReview)
    }
}

/// What was not there when a hold was written is as it was then: without.
extension Terms {
    fileprivate func write(to object: inout JSONWriter.Object) {
        object.array("approvers", approvers)
        object.field("quorum", quorum)
        if let decideWithin { object.field("decide_within", decideWithin.milliseconds) }
        if !escalateTo.isEmpty { object.array("escalate_to", escalateTo) }
        if let onSilence { object.field("on_silence", onSilence.rawValue) }
        if needsSignature { object.field("signed", true) }
        if let detached { object.field("detached", detached.rawValue) }
        if withdrawsOnDisconnect { object.field("withdraws", true) }
        if let idempotency { object.field("idempotency", idempotency) }
        if let status { object.field("status", status) }
        guard !observations.isEmpty else { return }
        object.array("observe") { array in
            for observation in observations {
                array.object {
                    $0.field("path", observation.path)
                    $0.array("fields", observation.fields)
                }
            }
        }
    }

    fileprivate init?(_ json: JSONNode) {
        guard let approvers = json["approvers"]?.strings,
            let quorum = json["quorum"]?.integer.flatMap({ Int(exactly: $0) })
        else { return nil }
        self.init(approvers: approvers, quorum: quorum)
        if let node = json["decide_within"] {
            guard let milliseconds = node.integer else { return nil }
            decideWithin = Interval(milliseconds: milliseconds)
        }
        if let node = json["escalate_to"] {
            guard let groups = node.strings else { return nil }
            escalateTo = groups
        }
        if let node = json["on_silence"] {
            guard let silence = node.text.flatMap({ Silence(rawValue: $0.string) }) else { return nil }
            onSilence = silence
        }
        if let node = json["detached"] {
            guard let word = node.text.flatMap({ Detached(rawValue: $0.string) }) else { return nil }
            detached = word
        }
        for (name, path) in [("signed", \Terms.needsSignature), ("withdraws", \Terms.withdrawsOnDisconnect)] {
            guard let node = json[Text(name)] else { continue }
            guard let flag = node.bool else { return nil }
            self[keyPath: path] = flag
        }
        if let node = json["idempotency"] {
            guard let header = node.text else { return nil }
            idempotency = header.string
        }
        if let node = json["status"] {
            guard let number = node.integer.flatMap({ Int(exactly: $0) }) else { return nil }
            status = number
        }
        if let node = json["observe"] {
            observations = node.elements.compactMap { Verdict.Observation($0) }
            guard node.kind == .array, observations.count == node.count else { return nil }
        }
    }
}

extension Verdict.Observation {
    fileprivate init?(_ json: JSONNode) {
        guard let path = json["path"]?.text, let fields = json["fields"]?.strings else { return nil }
        self.init(path: path.string, fields: fields)
    }
}

extension JSONNode {
    /// An array of texts; nil for anything else.
    var strings: [String]? {
        guard kind == .array else { return nil }
        let texts = elements.compactMap { $0.text?.string }
        return texts.count == count ? texts : nil
    }
}
