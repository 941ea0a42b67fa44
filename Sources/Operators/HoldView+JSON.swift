import Calls
package import JSON

/// The one JSON form of a hold: written by the server and by `--json`, read by the client.
extension HoldView {
    package func write(into json: inout JSONWriter.Object) {
        json.field("id", id)
        json.field("digest", digest)
        json.field("state", state)
        json.field("standing", standing)
        json.array("steps", steps)
        json.field("created", created)
        json.field("expires", expires)
        json.field("age_ms", age.milliseconds)
        if let timeLeft { json.field("time_left_ms", timeLeft.milliseconds) } else { json.null("time_left_ms") }
        json.field("session", session)
        json.field("call", call)
        json.field("agent_waiting", isAwaited)
        json.field("method", method)
        json.field("target", target)
        json.field("body_bytes", bodyLength)
        json.field("principal", principal)
        json.array("summaries", summaries)
        json.field("money", money)
        json.field("tier", tier.rawValue)
        json.field("category", category)
        json.array("flags", flags)
        json.field("reason", reason)
        json.array("rules", rules)
        json.field("rules_digest", rulesDigest)
        json.array("consequences", consequences)
        json.array("approvers", approvers)
        json.field("quorum", quorum)
        json.array("votes") { array in
            for vote in votes { array.object(vote.write) }
        }
        json.array("edits") { array in
            for edit in edits { array.object(edit.write) }
        }
        json.field("missing", missing)
        json.field("needs_signature", needsSignature)
        json.field("groups_kept", keepsGroups)
        if let claim { json.object("claim", claim.write) } else { json.null("claim") }
        json.array("questions") { array in
            for question in questions { array.object(question.write) }
        }
        if let decision { json.object("decision", decision.write) } else { json.null("decision") }
        if let answer { json.object("answer", answer.write) } else { json.null("answer") }
        json.field("cause", cause)
        if let wasExecuted { json.field("executed", wasExecuted) } else { json.null("executed") }
        if let request { json.object("request", request.write) }
    }

    init(_ json: JSONReader) throws(JSONReader.Mismatch) {
        id = try json.string("id")
        digest = try json.string("digest")
        state = try json.string("state")
        standing = try json.string("standing")
        steps = try json.strings("steps")
        created = try json.string("created")
        expires = try json.string("expires")
        age = Interval(milliseconds: try json.integer("age_ms"))
        timeLeft = try json.integerIfAny("time_left_ms").map(Interval.init(milliseconds:))
        session = try json.string("session")
        call = try json.string("call")
        isAwaited = try json.bool("agent_waiting")
        method = try json.string("method")
        target = try json.string("target")
        bodyLength = try json.count("body_bytes")
        principal = try json.string("principal")
        summaries = try json.strings("summaries")
        money = try json.stringIfAny("money")
        guard let tier = Tier(rawValue: try json.count("tier")) else { throw json.mismatch("tier") }
        self.tier = tier
        category = try json.stringIfAny("category")
        flags = try json.strings("flags")
        reason = try json.string("reason")
        rules = try json.strings("rules")
        rulesDigest = try json.string("rules_digest")
        consequences = try json.strings("consequences")
        approvers = try json.strings("approvers")
        quorum = try json.count("quorum")
        votes = try json.objects("votes", VoteView.init)
        missing = try json.stringIfAny("missing")
        needsSignature = try json.bool("needs_signature")
        keepsGroups = try json.bool("groups_kept")
        claim = try json.objectIfAny("claim", ClaimView.init)
        questions = try json.objects("questions", QuestionView.init)
        edits = try json.objects("edits", EditView.init)
        decision = try json.objectIfAny("decision", DecisionView.init)
        answer = try json.objectIfAny("answer", AnswerView.init)
        cause = try json.stringIfAny("cause")
        wasExecuted = try json.boolIfAny("executed")
        request = try json.objectIfAny("request", RequestView.init)
    }
}

extension DecisionView {
    fileprivate func write(into json: inout JSONWriter.Object) {
        json.field("by", by)
        json.field("uid", uid)
        json.field("at", at)
        json.field("reason", reason)
        json.field("now", isImmediate)
        json.field("signer", signer)
        json.field("key", key)
        json.field("suggest", suggestion)
        json.field("suggest_patch", suggestedPatch)
    }

    fileprivate init(_ json: JSONReader) throws(JSONReader.Mismatch) {
        by = try json.string("by")
        uid = UInt32(clamping: try json.integer("uid"))
        at = try json.string("at")
        reason = try json.stringIfAny("reason")
        isImmediate = try json.bool("now")
        signer = try json.stringIfAny("signer")
        key = try json.stringIfAny("key")
        suggestion = try json.stringIfAny("suggest")
        suggestedPatch = try json.stringIfAny("suggest_patch")
    }
}

extension VoteView {
    fileprivate func write(into json: inout JSONWriter.Object) {
        json.field("by", by)
        json.field("at", at)
        json.array("groups", groups)
        json.field("key", key)
    }

    fileprivate init(_ json: JSONReader) throws(JSONReader.Mismatch) {
        by = try json.string("by")
        at = try json.string("at")
        groups = try json.strings("groups")
        key = try json.stringIfAny("key")
    }
}

extension ClaimView {
    fileprivate func write(into json: inout JSONWriter.Object) {
        json.field("by", by)
        json.field("at", at)
    }

    fileprivate init(_ json: JSONReader) throws(JSONReader.Mismatch) {
        by = try json.string("by")
        at = try json.string("at")
    }
}

extension QuestionView {
    fileprivate func write(into json: inout JSONWriter.Object) {
        json.field("by", by)
        json.field("at", at)
        json.field("text", text)
        json.field("answer", answer)
    }

    fileprivate init(_ json: JSONReader) throws(JSONReader.Mismatch) {
        by = try json.string("by")
        at = try json.string("at")
        text = try json.string("text")
        answer = try json.stringIfAny("answer")
    }
}

extension AnswerView {
    fileprivate func write(into json: inout JSONWriter.Object) {
        json.field("status", status)
        json.field("delivery", delivery)
    }

    fileprivate init(_ json: JSONReader) throws(JSONReader.Mismatch) {
        status = try json.count("status")
        delivery = try json.string("delivery")
    }
}
