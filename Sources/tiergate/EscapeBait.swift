import Glibc
import Jail
import Synchronization
import System

/// What a program in a jail must not reach, laid out on this machine: services, sockets and files that answer.
final class EscapeBait: Sendable {
    /// The word that the attempts look for.
    private static let word = Array("tiergate-bait".utf8)

    let directory: String
    let bait: EscapeAttempts.Bait
    private let sockets: [(descriptor: CInt, isStream: Bool)]
    private let met = Mutex(0)

    let project: String
    /// Directories that the jail hides.
    let kept: [String]
    /// How many came to the bait.
    var visits: Int { met.withLock { $0 } }

    /// - Parameter isOutside: what the jail hides is not in the project, where only a mount could hide it.
    init(allowsNamespaces: Bool, owner: JailSettings.Account?, isOutside: Bool = false) throws {
        let directory = try Files.makeTemporaryDirectory("tiergate-escape", in: "/tmp")
        self.directory = directory
        project = "\(directory)/project"
        var bait = EscapeAttempts.Bait()
        bait.allowsNamespaces = allowsNamespaces
        bait.process = getpid()
        bait.abstractName = directory
        bait.passingSocket = "\(directory)/passing.sock"
        bait.passingFile = "\(directory)/passing"
        bait.projectSocket = "\(directory)/project/service.sock"
        let place = isOutside ? directory : "\(directory)/project"
        kept = ["state", "rules", "operator"].map { "\(place)/.\($0)" }
        bait.operatorSocket = "\(place)/.operator/operator.sock"
        bait.key = "\(place)/.state/authority.key"
        bait.rules = "\(place)/.rules/rules.yaml"
        bait.terminal = ttyname(STDIN_FILENO).map { String(cString: $0) } ?? ""
        for path in [project] + kept { try Files.makeDirectory(path, mode: 0o755) }
        for path in [bait.passingFile, bait.key, bait.rules] {
            let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
            guard file >= 0 else { throw IOError.system("open \(path)", errno) }
            close(file)
        }
        // For whoever the program is: the point is that the jail hides it, not that permissions do.
        chmod(directory, 0o755)
        if let owner { chown("\(directory)/project", owner.uid, owner.gid) }
        let stream = CInt(SOCK_STREAM.rawValue)
        let datagram = CInt(SOCK_DGRAM.rawValue)
        var sockets: [(CInt, Bool)] = []
        let four = try EscapeBait.bound(EscapeBait.any4(port: 0), stream)
        bait.port4 = EscapeBait.port(of: four)
        sockets.append((four, true))
        sockets.append((try EscapeBait.bound(EscapeBait.any4(port: bait.port4), datagram), false))
        if let six = try? EscapeBait.bound(EscapeBait.any6, stream) {
            bait.port6 = EscapeBait.port(of: six)
            sockets.append((six, true))
        }
        for path in [bait.passingSocket, bait.projectSocket, bait.operatorSocket] {
            sockets.append((try EscapeBait.bound(EscapeBait.unix(Array(path.utf8) + [0]), stream), true))
            chmod(path, 0o777)
        }
        for type in [stream, datagram] {
            let name = EscapeBait.unix([0] + Array(bait.abstractName.utf8))
            sockets.append((try EscapeBait.bound(name, type), type == stream))
        }
        bait.address4 = EscapeBait.ownAddress()
        self.bait = bait
        self.sockets = sockets.map { ($0.0, $0.1) }
    }

    deinit { Files.remove(directory) }

    /// Answers whoever comes, until the process ends.
    func serve() throws {
        try WorkerThread.spawn("bait") { [self] in
            var watched = sockets.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
            while true {
                guard poll(&watched, nfds_t(watched.count), -1) > 0 else { continue }
                for (index, socket) in sockets.enumerated() where watched[index].revents != 0 {
                    met.withLock { $0 += 1 }
                    answer(socket.descriptor, isStream: socket.isStream)
                }
            }
        }
    }

    private func answer(_ descriptor: CInt, isStream: Bool) {
        if isStream {
            let visitor = accept(descriptor, nil, nil)
            guard visitor >= 0 else { return }
            _ = send(visitor, EscapeBait.word, EscapeBait.word.count, Int32(MSG_NOSIGNAL))
            close(visitor)
            return
        }
        var peer = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        var byte: UInt8 = 0
        withUnsafeMutablePointer(to: &peer) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                guard recvfrom(descriptor, &byte, 1, 0, $0, &length) >= 0 else { return }
                _ = sendto(descriptor, EscapeBait.word, EscapeBait.word.count, 0, $0, length)
            }
        }
    }

    // MARK: Addresses

    private static func bound(_ address: [UInt8], _ type: CInt) throws(IOError) -> CInt {
        let family = address.withUnsafeBytes { CInt($0.load(as: sa_family_t.self)) }
        let descriptor = socket(family, type | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .system("socket", errno) }
        let failed = address.withUnsafeBytes {
            bind(descriptor, $0.bindMemory(to: sockaddr.self).baseAddress, socklen_t(address.count)) != 0
        }
        guard !failed, type != CInt(SOCK_STREAM.rawValue) || listen(descriptor, 64) == 0 else {
            let code = errno
            close(descriptor)
            throw .system("bind", code)
        }
        return descriptor
    }

    private static func any4(port: UInt16) -> [UInt8] {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        return withUnsafeBytes(of: address) { Array($0) }
    }

    private static var any6: [UInt8] {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        return withUnsafeBytes(of: address) { Array($0) }
    }

    private static func unix(_ name: [UInt8]) -> [UInt8] {
        withUnsafeBytes(of: sa_family_t(AF_UNIX)) { Array($0) } + name
    }

    private static func port(of descriptor: CInt) -> UInt16 {
        var address = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        _ = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return withUnsafeBytes(of: address) { UInt16(bigEndian: $0.load(fromByteOffset: 2, as: UInt16.self)) }
    }

    /// An address of this machine that is not loopback, in its byte order.
    private static func ownAddress() -> UInt32 {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return 0 }
        defer { freeifaddrs(list) }
        var entry = list
        while let current = entry {
            entry = current.pointee.ifa_next
            guard let address = current.pointee.ifa_addr, address.pointee.sa_family == sa_family_t(AF_INET) else {
                continue
            }
            let found = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                UInt32(bigEndian: $0.pointee.sin_addr.s_addr)
            }
            if found >> 24 != 127 { return found }
        }
        return 0
    }
}
