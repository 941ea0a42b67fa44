/// A request of the loads, before it is known whom it goes to.
struct Message: Sendable {
    let method: String
    let path: String
    var body: String?

    static let small = Message(method: "GET", path: "/k1")
    static let large = Message(method: "GET", path: "/k100")
    /// A write of 1 KB that can be undone: tier 2 for the gate, which reads all of it.
    static let write = Message(method: "POST", path: "/post", body: item)
    /// What must be refused: whoever lets it through judges nothing.
    static let denied = Message(method: "GET", path: "/deny/x")

    /// What only a person lets through; each is another call, as the number says.
    static func held(_ number: Int) -> Message { Message(method: "POST", path: "/hold/\(number)", body: item) }

    private static let item =
        #"{"id":"item-000001","quantity":12,"active":true,"labels":["a","b","c"],"note":""#
        + String(repeating: "0123456789abcdef", count: 58) + #""}"#

    /// The bytes, for this request target and Host.
    func bytes(target: String, host: String) -> [UInt8] {
        var head = """
            \(method) \(target) HTTP/1.1\r
            Host: \(host)\r
            User-Agent: tiergate-bench\r
            Accept: application/json\r
            Authorization: Bearer sk-test-0123456789abcdef0123456789abcdef\r

            """
        if let body { head += "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n" }
        return Array("\(head)\r\n\(body ?? "")".utf8)
    }
}
