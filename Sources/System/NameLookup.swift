import CAres
import Glibc

/// One name that is being asked for, A and AAAA at once; used by the resolver's thread alone.
final class NameLookup: @unchecked Sendable {
    enum Family: CaseIterable { case v4, v6 }

    /// Addresses that one name is used with; whoever answers for the name decides how many there are.
    static let mostAddresses = 32

    struct Answer: Sendable {
        /// IPv6 and IPv4 in turns, as they are to be tried (RFC 8305 section 4).
        let result: Result<[IPAddress], ResolutionFailure>
        /// Seconds that the shortest-lived record of it may be used for; nil where nothing was found.
        let life: Int64?
        /// Both families have answered.
        let isWhole: Bool
    }

    private enum State {
        case asked
        case found([IPAddress], life: Int64)
        case failed(ResolutionFailure)
    }

    let name: String
    private let receiver: NameService.Receiver
    private var v4 = State.asked
    private var v6 = State.asked
    /// When what is there is handed over though one family has not answered; nil while neither has addresses.
    private(set) var settlesAt: Int64?
    private var wasWhole = false

    init(_ name: String, _ receiver: @escaping NameService.Receiver) {
        self.name = name
        self.receiver = receiver
    }

    func needs(_ family: Family) -> Bool { if case .asked = self[family] { true } else { false } }

    var isComplete: Bool { !needs(.v4) && !needs(.v6) }

    private subscript(family: Family) -> State {
        get { family == .v4 ? v4 : v6 }
        set { if family == .v4 { v4 = newValue } else { v6 = newValue } }
    }

    func fail(_ failure: ResolutionFailure) {
        v4 = .failed(failure)
        v6 = .failed(failure)
    }

    /// What the library found for one family.
    func receive(_ family: Family, _ status: CInt, _ result: UnsafeMutablePointer<ares_addrinfo>?, at now: Int64) {
        guard needs(family) else { return }
        self[family] = NameLookup.state(status, result)
        if case .found = self[family], !isComplete { settlesAt = now + NameService.resolutionDelay }
    }

    private static func state(_ status: CInt, _ result: UnsafeMutablePointer<ares_addrinfo>?) -> State {
        guard status == tg_ares_success else { return .failed(failure(status)) }
        var addresses: [IPAddress] = []
        var life = Int64.max
        var node = result?.pointee.nodes
        while let entry = node, addresses.count < mostAddresses {
            if let address = IPAddress(entry.pointee.ai_addr), !addresses.contains(address) {
                addresses.append(address)
                life = min(life, Int64(entry.pointee.ai_ttl))
            }
            node = entry.pointee.ai_next
        }
        var alias = result?.pointee.cnames
        while let entry = alias {
            // The hosts file has aliases too, without a time to live.
            if entry.pointee.ttl > 0 { life = min(life, Int64(entry.pointee.ttl)) }
            alias = entry.pointee.next
        }
        return addresses.isEmpty ? .failed(.noAddress) : .found(addresses, life: life)
    }

    private static func failure(_ status: CInt) -> ResolutionFailure {
        switch status {
        case tg_ares_not_found: .noSuchName
        case tg_ares_no_data: .noAddress
        case tg_ares_timed_out, tg_ares_connection_refused: .noAnswer
        default: .refused(ares_strerror(status).map { String(cString: $0) } ?? "status \(status)")
        }
    }

    /// Hands over what there is, where it is whole or one family has waited long enough for the other.
    func settle(at now: Int64) {
        if isComplete {
            guard !wasWhole else { return }
            wasWhole = true
        } else {
            guard let settlesAt, now >= settlesAt else { return }
        }
        settlesAt = nil
        receiver(answer)
    }

    private var answer: Answer {
        switch (v6, v4) {
        case (.found(let six, let sixLife), .found(let four, let fourLife)):
            Answer(
                result: .success(NameLookup.inTurns(six, four)), life: min(sixLife, fourLife), isWhole: isComplete)
        case (.found(let addresses, let life), _), (_, .found(let addresses, let life)):
            Answer(result: .success(addresses), life: life, isWhole: isComplete)
        case (.failed(let six), .failed(let four)):
            // What one family was not told says more than what the other was.
            Answer(result: .failure(six == .noAddress || six == .noSuchName ? four : six), life: nil, isWhole: true)
        case (.asked, _), (_, .asked): Answer(result: .failure(.noAnswer), life: nil, isWhole: false)
        }
    }

    static func inTurns(_ six: [IPAddress], _ four: [IPAddress]) -> [IPAddress] {
        var all: [IPAddress] = []
        for index in 0..<max(six.count, four.count) {
            if index < six.count { all.append(six[index]) }
            if index < four.count { all.append(four[index]) }
        }
        return Array(all.prefix(mostAddresses))
    }
}
