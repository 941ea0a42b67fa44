import Testing

/// CONNECT, its Host field, the client hello and the Host field inside a tunnel name one host and port, or nothing is sent.
@Suite(.serialized, .enabled(if: Place.hasTools, Comment(rawValue: Place.toolsAreMissing)))
struct HostileNamesTests {
    @Test("of all combinations of names over real TLS only those pass that agree") func combinations() async throws {
        let world = try await World()
        let ended = try await Running(Place.plainPython, [Place.script("names.py"), "\(world.gate.port)"])
            .finish(within: 120)
        #expect(ended.status == 0, "\(ended.errors)")
        let rows = try ended.output.split(separator: "\n").map { try Document(String($0)) }
        #expect(rows.count == 3 * 6 * 4 * 5)
        var passed: [String] = []
        for row in rows {
            let target = try #require(row[0].string)
            let (field, name, host) = (row[1].string, row[2].string, try #require(row[3].string))
            let status = row[4].integer ?? 0
            let doesAgree = agree(target, field, name, host)
            let words = "CONNECT \(target), Host \(field ?? "-"), hello \(name ?? "-"), Host inside \(host): \(status)"
            #expect((status == 200) == doesAgree, "\(words)")
            // Refused for what it is: a misdirected or malformed request, not an accident on the way.
            #expect(doesAgree || [400, 421].contains(status), "\(words)")
            if doesAgree { passed.append(target) }
        }
        #expect(passed.count > 10 && passed.count < rows.count / 8)
        // Whom the upstream was asked as is whom the tunnel named.
        let asked = try world.upstream.requests.compactMap { $0["fields"].field("host") }
        #expect(asked == passed.map { $0.replacing(":443", with: "") })
        try await world.gate.end()
    }

    private func agree(_ target: String, _ field: String?, _ name: String?, _ host: String) -> Bool {
        guard let colon = target.firstIndex(of: ":"), let field else { return false }
        let named = String(target[..<colon])
        let usual = target.replacing(":443", with: "")
        // A client without a name in its hello asks for nobody else.
        return (field == target || field == named) && (name.map { $0.lowercased() == named } ?? true)
            && (host == usual || host == target)
    }
}
