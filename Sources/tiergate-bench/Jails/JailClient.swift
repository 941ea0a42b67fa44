import Glibc

/// The measured program: connects again and again, and writes how long the first byte took.
struct JailClient {
    private let address: String
    private let port: UInt16
    private let connections: Int
    private let result: String

    /// `client ADDRESS PORT CONNECTIONS FILE`; nil where these are the measurement's own words.
    init?(_ words: [String]) {
        guard words.count == 5, words[0] == "client", let port = UInt16(words[2]), let connections = Int(words[3])
        else { return nil }
        address = words[1]
        self.port = port
        self.connections = connections
        result = words[4]
    }

    func run() -> CInt {
        var to = sockaddr_in()
        to.sin_family = sa_family_t(AF_INET)
        to.sin_port = port.bigEndian
        guard inet_pton(AF_INET, address, &to.sin_addr) == 1 else { return 2 }
        var latencies = Latencies()
        for number in 0..<connections + connections / 10 {
            let start = Moment.now()
            let socket = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
            let failed = withUnsafePointer(to: &to) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            var byte: UInt8 = 0
            guard failed == 0, recv(socket, &byte, 1, 0) == 1 else { return 1 }
            // The first tenth is for whatever has to be warm.
            if number >= connections / 10 { latencies.append(from: start, to: Moment.now()) }
            close(socket)
        }
        guard let median = latencies.percentile(0.5), let ninety = latencies.percentile(0.9),
            let file = fopen(result, "w")
        else { return 1 }
        fputs("\(median) \(ninety)", file)
        return fclose(file) == 0 ? 0 : 1
    }
}
