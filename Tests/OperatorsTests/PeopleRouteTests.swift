import Calls
import Holds
import HoldsTesting
import OperatorsTesting
import System
import Testing

@testable import Operators

/// What people do about a hold short of deciding, and who may, over the socket.
@Suite struct PeopleRouteTests {
    private let me = Accounts.name(of: Accounts.effectiveUser)

    @Test("taken on, passed on, given time, asked: each is shown")
    func steps() async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        let hold = try await bench.hold()
        let (id, digest) = (hold.id.description, hold.digest.description)
        let claimed = try bench.client.claim(id, digest: digest)
        #expect(claimed.hold.claim?.by == me && claimed.next?.contains("handover") == true)
        #expect(try bench.client.handOver(id, digest: digest, to: me).next == "It is \(me)'s now.")
        #expect(try bench.client.handOver(id, digest: digest, to: nil).hold.claim == nil)
        let longer = try bench.client.extend(id, digest: digest, for: 3 * 86_400_000, reason: "Monday")
        #expect(longer.hold.timeLeft == .days(3))
        let asked = try bench.client.ask(id, digest: digest, "Which invoice?")
        #expect(asked.hold.questions.map(\.text) == ["Which invoice?"] && asked.hold.questions.first?.answer == nil)
        #expect(try bench.client.hold(id).hold.questions == asked.hold.questions)
        #expect(bench.gate.journal.durable.count { $0.contains("claim") } == 1)
    }

    @Test(
        "what makes no sense is refused by its member",
        arguments: [
            ("extend", "{}", 400, "missing_member"), ("extend", #"{"for_ms":0}"#, 400, "wrong_member"),
            ("extend", #"{"for_ms":1}"#, 422, "not_longer"),
            ("extend", #"{"for_ms":315360000000}"#, 422, "too_far"),
            ("extend", #"{"for_ms":9223372036854775807}"#, 400, "wrong_member"),
            ("extend", #"{"for_ms":"1 d"}"#, 400, "wrong_member"), ("ask", "{}", 400, "missing_member"),
            ("ask", #"{"text":"a\nb"}"#, 400, "wrong_member"), ("claim", #"{"reason":"x"}"#, 400, "unknown_member"),
            ("handover", #"{"to":"no-such-account-here"}"#, 422, "cannot_receive"),
            ("handover", #"{"to":["a"]}"#, 400, "wrong_member"),
            ("approve", #"{"signature":{"nonce":"x"}}"#, 400, "wrong_member"),
            ("approve", #"{"signature":{"nonce":"x","armoured":"y"}}"#, 409, "no_signers"),
            ("approve", #"{"signature":{"nonce":"x","armoured":"y","signer":"*"}}"#, 400, "wrong_member"),
        ])
    func mistakes(step: String, body: String, status: Int, code: String) async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        let hold = try await bench.hold()
        let answer = try bench.request(
            "POST", "/v1/holds/\(hold.id)/\(step)", ["If-Match: \"\(hold.digest)\""], body: body)
        #expect(try answer.status == status && answer.code() == code, "\(answer.body)")
        #expect(try await bench.gate.gate.hold(hold.id).version == hold.version)
    }

    @Test("a hold is not handed to somebody who may not decide it")
    func receiver() async throws {
        let bench = try await SocketBench(access: Access(group: nil))
        defer { bench.stop() }
        let hold = try await bench.hold()
        let answer = try bench.request(
            "POST", "/v1/holds/\(hold.id)/handover", ["If-Match: \"\(hold.digest)\""], body: #"{"to":"daemon"}"#)
        #expect(answer.status == 422)
        #expect(try answer.detail().contains("daemon may not decide it"))
    }

    @Test("a group that has nobody is decided by nobody, and the refusal says how to add one; groups are read anew")
    func groups() async throws {
        let groups = GroupsInForce(OperatorGroups(file: "/etc/groups.yaml", ["finance": []]))
        let bench = try await SocketBench(access: Access(group: nil, groups: groups))
        defer { bench.stop() }
        let hold = try await bench.hold()
        let (id, digest) = (hold.id.description, hold.digest.description)
        #expect(try bench.client.hold(id).hold.keepsGroups)
        for step in ["approve", "reject", "claim", "ask"] {
            let body = ["reject": #"{"reason":"x"}"#, "ask": #"{"text":"x"}"#][step] ?? "{}"
            let answer = try bench.request(
                "POST", "/v1/holds/\(id)/\(step)", ["If-Match: \"\(digest)\""], body: body)
            #expect(try answer.status == 403 && answer.code() == "not_entitled")
            #expect(try answer.detail().contains("`finance: [\(me)]`"))
        }
        groups.replace(
            with: OperatorGroups(file: "/etc/groups.yaml", ["finance": [.account(Accounts.effectiveUser)]]))
        let report = try bench.client.approve(id, digest: digest)
        #expect(report.hold.votes.map(\.groups) == [["finance"]])
    }

    @Test("an agent's account is refused by name, and its call waits on")
    func ownCall() async throws {
        let uid = Accounts.effectiveUser
        let bench = try await SocketBench(kinship: Kinship(owner: 4_000_000_000, accounts: [uid]))
        defer { bench.stop() }
        let own = try await bench.hold(.sample(session: "uid-\(uid)"))
        for step in ["approve", "claim"] {
            let answer = try bench.request(
                "POST", "/v1/holds/\(own.id)/\(step)", ["If-Match: \"\(own.digest)\""])
            #expect(try answer.status == 403 && answer.code() == "own_call")
            #expect(try answer.detail().contains("(uid \(uid)), is the agent's that made the call"))
        }
        #expect(try await bench.gate.gate.hold(own.id).state == .pending)
        let others = try await bench.hold(.sample(session: "uid-4000000001"))
        #expect(
            try bench.client.approve(others.id.description, digest: others.digest.description).hold.state == "approved")
        // Stopping is anybody's; letting go on again is not.
        _ = try bench.client.change(.kill, "session:uid-\(uid)", reason: nil)
        let resumed = try bench.request(
            "POST", "/v1/resume", body: "{\"scope\":\"session:uid-\(uid)\",\"reason\":\"x\"}")
        #expect(try resumed.status == 403 && resumed.code() == "own_call")
    }

    @Test("votes so far, and who is missing")
    func missing() async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        let hold = try await bench.hold(
            .sample(), .sample(terms: Terms(approvers: ["finance", "platform"], quorum: 2)))
        let (id, digest) = (hold.id.description, hold.digest.description)
        #expect(try bench.client.hold(id).hold.missing == "2 more of finance and 2 more of platform agree")
        let voted = try bench.client.approve(id, digest: digest)
        #expect(voted.hold.missing == "1 more of finance and 1 more of platform agree")
        #expect(voted.hold.votes.map(\.by) == [me] && !voted.hold.keepsGroups)
        #expect(voted.next == "It goes when 1 more of finance and 1 more of platform agree.")
        let again = try bench.request("POST", "/v1/holds/\(id)/approve", ["If-Match: \"\(digest)\""])
        #expect(try again.status == 409 && again.code() == "voted_already")
    }
}
