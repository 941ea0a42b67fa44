import Foundation
import Testing

/// boto3 through the gate to moto, under the shipped rules: signatures must arrive unbroken, and nothing dangerous twice.
@Suite(.serialized, .enabled(if: Place.hasClients, Comment(rawValue: Place.clientsAreMissing)))
struct MotoTests {
    private static let bucket = #"{"Bucket": "\#(Moto.bucket)"}"#

    private static func object(_ key: String, _ more: String = "") -> String {
        #"{"Bucket": "\#(Moto.bucket)", "Key": "\#(key)", "Body": "one, two"\#(more)}"#
    }

    @Test("reading passes and new objects pass as the rules say, and moto does check signatures")
    func passing() async throws {
        let aws = try await Moto(wait: "300 ms")
        let listed = try await aws.call("s3", "list_objects", MotoTests.bucket)
        #expect(listed["status"].integer == 200, "\(listed["error"].string ?? "")")

        // A signature that the gate's handling had broken would be answered like one with the wrong secret.
        let forged = try await aws.call(
            "s3", "list_objects", MotoTests.bucket, environment: ["AWS_SECRET_ACCESS_KEY": "wrong"])
        #expect(forged["code"].string == "SignatureDoesNotMatch")

        let new = try await aws.call("s3", "put_object", MotoTests.object("new.csv", #", "IfNoneMatch": "*""#))
        #expect(new["status"].integer == 200, "\(new["error"].string ?? "")")
        #expect(aws.count("PUT /new.csv") == 1)
        let odd = try await aws.call(
            "s3", "put_object", MotoTests.object("a b/ü+(1)~.csv", #", "IfNoneMatch": "*""#))
        #expect(odd["status"].integer == 200, "\(odd["error"].string ?? "")")

        // A plain PUT may write over something, and waits; the exception says so in the API's own dialect.
        let over = try await aws.call(
            "s3", "put_object", MotoTests.object("new.csv"), environment: ["AWS_MAX_ATTEMPTS": "1"])
        #expect(over["status"].integer == 503 && over["code"].string == "HeldForApproval")
        #expect(over["error"].string?.contains("NOT EXECUTED") == true)
        #expect(over["error"].string?.contains("over what is there") == true)
        #expect(aws.count("PUT /new.csv") == 1)

        let keys = try await aws.call("s3", "list_objects_v2", MotoTests.bucket)["answer"]["Contents"].elements
        #expect(keys.compactMap { $0["Key"].string }.sorted() == ["a b/ü+(1)~.csv", "new.csv"])
        try await aws.gate.end()
    }

    @Test("delete_bucket and create_access_key wait, and are executed exactly once when they are approved")
    func approved() async throws {
        let aws = try await Moto()
        let key = try aws.begin(["iam", "create_access_key", #"{"UserName": "agent"}"#])
        let keyHold = try await aws.gate.theHold(isAwaited: true)
        let before = aws.count("POST / ")
        try await aws.gate.approve(keyHold)
        let made = try await Moto.said(key)
        #expect(made["status"].integer == 200, "\(made["error"].string ?? "")")
        #expect(aws.count("POST / ") == before + 1)
        let keys = try await aws.call("iam", "list_access_keys", #"{"UserName": "agent"}"#)
        #expect(keys["answer"]["AccessKeyMetadata"].elements.count == 2)

        let delete = try aws.begin(["s3", "delete_bucket", MotoTests.bucket])
        let hold = try await aws.gate.theHold(isAwaited: true)
        #expect(aws.count("DELETE") == 0)
        try await aws.gate.approve(hold)
        #expect(try await Moto.said(delete)["status"].integer == 204)
        #expect(aws.count("DELETE") == 1)
        #expect(try await aws.call("s3", "list_objects", MotoTests.bucket)["code"].string == "NoSuchBucket")
        #expect(try await aws.gate.holds("done").count == 2)
        try await aws.gate.end()
    }

    @Test("a file that boto3 uploads in parts is whole at the end; only its last call waits, which makes it an object")
    func multipart() async throws {
        let aws = try await Moto()
        let file = aws.scratch.file("large")
        let content = Sample.bytes(9 << 20)
        try content.write(to: URL(fileURLWithPath: file))
        let copying = try aws.begin(["copy", Moto.bucket, file, aws.scratch.file("copy")])
        let hold = try await aws.gate.theHold(isAwaited: true)
        #expect(aws.count("PUT /copied?") == 2)
        #expect(try await aws.gate.holds().count == 1)
        try await aws.gate.approve(hold)
        #expect(try await Moto.said(copying)["length"].integer == content.count)
        let isWhole = aws.scratch.read("copy") == content
        #expect(isWhole)
        try await aws.gate.end()
    }

    @Test("boto3 comes back by itself twice, then stops and raises what the gate says")
    func patience() async throws {
        let aws = try await Moto(wait: "100 ms")
        let told = try await aws.call("s3", "delete_bucket", MotoTests.bucket)
        let hold = try await aws.gate.theHold()
        #expect(told["status"].integer == 423)
        #expect(told["error"].string?.contains("as \(hold)") == true, "\(told["error"].string ?? "")")
        let parked = try aws.gate.journal.filter { $0["outcome"].string == "parked" }.compactMap {
            $0["status"].integer
        }
        #expect(parked == [503, 503, 423])
        #expect(aws.count("DELETE") == 0)
        try await aws.gate.end()
    }

    @Test("what is rejected never reaches moto, and the exception says why")
    func rejected() async throws {
        let aws = try await Moto()
        for words in [
            ["s3", "delete_bucket", MotoTests.bucket], ["iam", "create_access_key", #"{"UserName": "agent"}"#],
        ] {
            let before = aws.count("POST / ") + aws.count("DELETE")
            let waiting = try aws.begin(words)
            try await aws.gate.reject(try await aws.gate.theHold(isAwaited: true), because: "ask Ann first")
            let told = try await Moto.said(waiting)
            #expect(told["status"].integer == 403, "\(words)")
            #expect(told["error"].string?.contains("ask Ann first") == true, "\(told["error"].string ?? "")")
            // A rejection sticks, for boto3's next attempt with its new signature too.
            #expect(try await aws.call(words[0], words[1], words[2])["status"].integer == 403)
            #expect(aws.count("POST / ") + aws.count("DELETE") == before)
        }
        try await aws.gate.end()
    }

    @Test(
        "an approval outlives kill -9 and is spent once; a call that was under way then is uncertain, and is not repeated"
    )
    func killed() async throws {
        let aws = try await Moto()
        let words = ["s3", "delete_bucket", MotoTests.bucket]
        let left = try aws.begin(words)
        let hold = try await aws.gate.theHold(isAwaited: true)
        try await left.killAndWait()
        try await waitUntil("the gate sees that the agent has left", every: .milliseconds(50)) {
            try await aws.gate.holds("pending").first?["agent_waiting"].bool == false
        }
        try await aws.gate.approve(hold)
        try await aws.gate.die()
        try await aws.gate.start()
        #expect(try await aws.gate.state(of: hold) == "approved")
        #expect(aws.count("DELETE") == 0)
        #expect(try await Moto.said(aws.begin(words))["status"].integer == 204)
        #expect(aws.count("DELETE") == 1)

        // The call has a permit, and moto does not answer.
        let key = ["iam", "create_access_key", #"{"UserName": "agent"}"#]
        let cut = try aws.begin(key, ["AWS_MAX_ATTEMPTS": "1"])
        let second = try await aws.gate.theHold(isAwaited: true)
        aws.moto.signal(SIGSTOP)
        try await aws.gate.approve(second)
        #expect(try await aws.gate.theHold("sending") == second)
        try await aws.gate.die()
        _ = try await cut.finish()
        aws.moto.signal(SIGCONT)
        try await aws.gate.start()
        #expect(try await aws.gate.state(of: second) == "uncertain")
        let told = try await aws.call(key[0], key[1], key[2])
        #expect(told["status"].integer == 423)
        #expect(told["error"].string?.contains("MAY have been executed") == true, "\(told["error"].string ?? "")")
        #expect(try await aws.gate.theHold("uncertain") == second)

        try await aws.gate.resolve(second, wasExecuted: false)
        let anew = try aws.begin(key)
        try await aws.gate.approve(try await aws.gate.theHold(isAwaited: true))
        #expect(try await Moto.said(anew)["status"].integer == 200)
        let keys = try await aws.call("iam", "list_access_keys", #"{"UserName": "agent"}"#)
        #expect(keys["answer"]["AccessKeyMetadata"].elements.count == 2)
        try await aws.gate.end()
    }
}
