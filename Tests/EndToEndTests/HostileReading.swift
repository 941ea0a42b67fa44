/// How a server read one request.
struct HostileReading: Hashable {
    var method: String
    var target: String
    var host: String
    var body: [UInt8]
    /// The longest of the prefixes asked about that its own router finds the path under.
    var route = "/"

    /// All that is judged: which route a path takes is asked for itself.
    func isSame(as other: HostileReading) -> Bool {
        method == other.method && target == other.target && host == other.host && body == other.body
    }
}

/// What a server made of the bytes of a connection.
struct HostileAnswers {
    /// Requests that it read, in order.
    private(set) var readings: [HostileReading] = []
    /// Whether it refused something, or closed without a word.
    private(set) var hasRefused = false

    /// Reads the answers of the servers in `Clients`, which all begin with a head and have a length or chunks.
    init(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let end = rest.firstRange(of: Array("\r\n\r\n".utf8)) else {
                hasRefused = true
                return
            }
            let lines = String(decoding: rest[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
            rest = rest[end.upperBound...]
            let status = lines.first?.split(separator: " ").dropFirst().first ?? ""
            if status.hasPrefix("1") { continue }
            var fields: [String: String] = [:]
            for line in lines.dropFirst() {
                guard let colon = line.firstIndex(of: ":") else { continue }
                fields[line[..<colon].lowercased()] = String(line[line.index(after: colon)...].drop { $0 == " " })
            }
            guard status == "200", let method = fields["reading-method"] else {
                hasRefused = true
                return
            }
            var body = method == "HEAD" ? [] : Self.body(&rest, fields)
            if fields["reading-coding"] == "hex" { body = Self.unhex(body) }
            readings.append(
                HostileReading(
                    method: method, target: fields["reading-target"] ?? "", host: fields["reading-host"] ?? "",
                    body: body, route: fields["reading-route"] ?? "/"))
        }
        if readings.isEmpty { hasRefused = true }
    }

    private static func body(_ rest: inout ArraySlice<UInt8>, _ fields: [String: String]) -> [UInt8] {
        guard fields["transfer-encoding"] == "chunked" else {
            let count = Int(fields["content-length"] ?? "0") ?? 0
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
        var body: [UInt8] = []
        while let line = rest.firstRange(of: Array("\r\n".utf8)) {
            let size = Int(String(decoding: rest[..<line.lowerBound], as: UTF8.self), radix: 16) ?? 0
            body += rest[line.upperBound...].prefix(size)
            rest = rest[line.upperBound...].dropFirst(size + 2)
            if size == 0 { break }
        }
        return body
    }

    private static func unhex(_ bytes: [UInt8]) -> [UInt8] {
        stride(from: 0, to: bytes.count - 1, by: 2).compactMap {
            UInt8(String(decoding: bytes[$0...$0 + 1], as: UTF8.self), radix: 16)
        }
    }
}
