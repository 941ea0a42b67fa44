import Calls
package import Holds
package import JSON

/// What people did, as it is kept beside a hold.
extension Deliberation {
    package var json: String {
        let bytes = JSONWriter.object { object in
            if !votes.isEmpty {
                object.array("votes") { array in
                    for vote in votes {
                        array.object {
                            vote.decision.write(to: &$0)
                            $0.array("groups", vote.groups)
                        }
                    }
                }
            }
            if let claim { object.object("claim") { $0.person(claim.by, claim.at) } }
            if !questions.isEmpty {
                object.array("questions") { array in
                    for question in questions {
                        array.object {
                            $0.person(question.by, question.at)
                            $0.field("text", question.text)
                            if let answer = question.answer { $0.field("answer", answer) }
                        }
                    }
                }
            }
            if !edits.isEmpty {
                object.array("edits") { array in
                    for edit in edits {
                        array.object {
                            $0.person(edit.by, edit.at)
                            $0.field("before", edit.before.description)
                            $0.field("after", edit.after.description)
                            $0.array("changes", edit.changes)
                        }
                    }
                }
            }
            if let firstAct { object.field("first_act", firstAct.milliseconds) }
            if let restarted { object.field("restarted", restarted.milliseconds) }
            if escalated > 0 { object.field("escalated", escalated) }
            if warned > 0 { object.field("warned", warned) }
            if isUnheard { object.field("unheard", true) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    package init?(_ json: JSONNode) {
        func number(_ name: Text) -> Int? { json[name].map { $0.integer.flatMap { Int(exactly: $0) } } ?? 0 }
        func time(_ name: Text) -> Timestamp?? {
            guard let node = json[name] else { return .some(nil) }
            return node.integer.map { .some(Timestamp(milliseconds: $0)) } ?? nil
        }
        guard json.kind == .object, let votes = json.list("votes", Vote.init),
            let questions = json.list("questions", Question.init), let edits = json.list("edits", Edit.init),
            let firstAct = time("first_act"), let restarted = time("restarted"), let escalated = number("escalated"),
            let warned = number("warned")
        else { return nil }
        let unheard = json["unheard"]
        guard unheard == nil || unheard?.bool != nil else { return nil }
        var claim: Claim?
        if let node = json["claim"] {
            guard let person = Operator(node), let at = node["at"]?.integer else { return nil }
            claim = Claim(by: person, at: Timestamp(milliseconds: at))
        }
        self.init(
            votes: votes, claim: claim, questions: questions, edits: edits, firstAct: firstAct, restarted: restarted,
            escalated: escalated,
            warned: warned, isUnheard: unheard?.bool ?? false)
    }
}

extension Deliberation.Vote {
    fileprivate init?(_ json: JSONNode) {
        guard let decision = Decision(json), let groups = json["groups"]?.strings else { return nil }
        self.init(decision: decision, groups: groups)
    }
}

extension Deliberation.Question {
    fileprivate init?(_ json: JSONNode) {
        guard let person = Operator(json), let at = json["at"]?.integer, let text = json["text"]?.text else {
            return nil
        }
        let answer = json["answer"]
        guard answer == nil || answer?.text != nil else { return nil }
        self.init(
            by: person, at: Timestamp(milliseconds: at), text: text.string, answer: answer?.text?.string)
    }
}

extension Deliberation.Edit {
    fileprivate init?(_ json: JSONNode) {
        guard let person = Operator(json), let at = json["at"]?.integer,
            let before = json["before"]?.text.flatMap({ Digest(hexadecimal: $0.string[...]) }),
            let after = json["after"]?.text.flatMap({ Digest(hexadecimal: $0.string[...]) }),
            let changes = json["changes"]?.strings
        else { return nil }
        self.init(by: person, at: Timestamp(milliseconds: at), before: before, after: after, changes: changes)
    }
}

extension Operator {
    fileprivate init?(_ json: JSONNode) {
        guard let uid = json["uid"]?.integer.flatMap({ UInt32(exactly: $0) }), let name = json["name"]?.text else {
            return nil
        }
        self.init(uid: uid, name: name.string)
    }
}

extension JSONWriter.Object {
    fileprivate mutating func person(_ person: Operator, _ at: Timestamp) {
        field("uid", person.uid)
        field("name", person.name)
        field("at", at.milliseconds)
    }
}

extension JSONNode {
    /// Every element read, none where the member is missing; nil where one has no reading.
    fileprivate func list<Element>(_ name: Text, _ read: (JSONNode) -> Element?) -> [Element]? {
        guard let node = self[name] else { return [] }
        let elements = node.elements.compactMap(read)
        return node.kind == .array && elements.count == node.count ? elements : nil
    }
}
