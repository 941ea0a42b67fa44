import Calls
import JSON
import System
import Wire

/// Where an intercepted connection was going, and whom it means as far as that is known before it says anything.
struct InterceptedWay {
    private let address: IPAddress
    private let port: UInt16
    /// The name that the address was given out for; nil where the client must show whom it means.
    private let name: Text?
    /// The address stands for names, but for none that was asked for in this run: clients remember addresses longer than they
    /// are told to, and past a restart of the gate. A name that the client shows is then as good as any.
    private let isStale: Bool

    /// Domains that a client may have appended to the name that it means.
    private let search: [String]

    init(to address: IPAddress, port: UInt16, meaning name: Interception.Name, search: [String] = []) {
        self.search = search
        self.address = address
        self.port = port
        switch name {
        case .known(let known): (self.name, isStale) = (known, false)
        case .unknown: (self.name, isStale) = (nil, false)
        case .forgotten: (self.name, isStale) = (nil, true)
        }
    }

    /// As refusals tell it.
    var place: String {
        let place = SocketAddress.ip(address, port: port).description
        return name.map { "\($0):\(port) (\(place))" } ?? place
    }

    /// Whom it means, where that is known.
    var known: Authority? { name.map { Authority(host: $0, port: port) } }

    /// What a certificate is made for until the client has shown a name, if it does.
    var unnamed: Authority { Authority(host: Text("\(address)"), port: port, isLiteral: true) }

    /// The address itself as the host, for a client that shows no name.
    func literal() throws(CallFailure) -> Authority {
        guard !isStale else { throw .unspoken(.nameless(place)) }
        return try read(SocketAddress.ip(address, port: port).description.utf8, defaultPort: port)
    }

    /// Whom a client means that shows this name, or none.
    ///
    /// - Returns: with it, the least that its calls count for.
    func authority(showing shown: Authority?) throws(CallFailure) -> (Authority, VerdictFloor?) {
        if let known {
            guard let shown, shown != known else { return (known, nil) }
            // Every name has an address here, so that the first one that a resolver tries is found: with a domain of the search
            // list behind it, where the client meant the name alone and says so.
            guard !shown.isLiteral, shown.port == known.port,
                search.contains(where: { known.host.string == "\(shown.host).\($0)" })
            else { throw .malformed(.misdirected) }
            return (shown, nil)
        }
        guard let shown, !shown.isLiteral else {
            let literal = try literal()
            guard shown == nil || shown == literal else { throw .malformed(.misdirected) }
            return (literal, .address(literal.description))
        }
        guard shown.port == port else { throw .malformed(.misdirected) }
        return (shown, nil)
    }

    /// The same of a client's hello, whose name has no port.
    func authority(named name: String?) throws(CallFailure) -> (Authority, VerdictFloor?) {
        try authority(showing: name.map { name throws(CallFailure) in try read(name.utf8, defaultPort: port) })
    }

    private func read(_ bytes: some Collection<UInt8>, defaultPort: UInt16) throws(CallFailure) -> Authority {
        do throws(WireError) {
            return try Authority.read(bytes, defaultPort: defaultPort)
        } catch {
            throw .malformed(error)
        }
    }

    /// The same of the head of a plain request.
    func authority(of request: RequestHead) throws(CallFailure) -> (Authority, VerdictFloor?) {
        try authority(
            showing: request.fields.first("host").map { field throws(CallFailure) in
                try read(field, defaultPort: Scheme.http.defaultPort)
            })
    }
}
