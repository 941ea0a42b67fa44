import CSystem
import Glibc

/// The filter of a program that has the host's network before it.
///
/// No datagram socket of the internet or of unix is ever made, and so no message needs a look at its address, which another
/// thread could change: what is sent over the others goes where they are connected, and that is for the gate to do.
extension SystemCallFilter {
    /// Memory and queues that programs of the same account share by number or name.
    private static let shared: [Int32] = [
        SYS_shmget, SYS_shmat, SYS_semget, SYS_msgget, SYS_mq_open,
    ]

    /// Headers that would lead packets by way of another machine: IP_OPTIONS, and their like of RFC 3542 and RFC 2292.
    private static let routing4: [UInt32] = [4]
    /// SO_BINDTODEVICE and SO_BINDTOIFINDEX: the way to the gate is over the loopback interface.
    private static let devices: [UInt32] = [25, 62]
    private static let routing6: [UInt32] = [3, 4, 5, 6, 54, 55, 57, 59]

    /// MSG_FASTOPEN, and TCP_FASTOPEN_CONNECT, after which a message could connect.
    private static let fastOpen: UInt32 = 0x2000_0000
    private static let fastOpenConnect: UInt32 = 30

    func supervision(
        _ code: inout FilterAssembler, refused: FilterAssembler.Label, missing: FilterAssembler.Label,
        allowed: FilterAssembler.Label
    ) {
        let past = code.label()
        let options = code.label()
        let options6 = code.label()
        let optionsTCP = code.label()
        let optionsOfSockets = code.label()
        let asked = code.label()
        let unsupported = code.label()
        for call in [SYS_connect, SYS_listen] { code.jump(if: .equals(UInt32(call)), to: asked) }
        code.jump(if: .equals(UInt32(SYS_setsockopt)), to: options)
        for call in Self.shared { code.jump(if: .equals(UInt32(call)), to: missing) }
        // A connect by another name.
        for (call, argument) in [(SYS_sendto, 3), (SYS_sendmsg, 2), (SYS_sendmmsg, 3)] {
            let next = code.label()
            code.jump(unless: .equals(UInt32(call)), to: next)
            code.load(.argument(argument))
            code.jump(if: .hasAny(Self.fastOpen), to: unsupported)
            code.end(.allow)
            code.mark(next)
        }
        // Every number is.
        code.jump(if: .isAtLeast(0), to: past)
        code.mark(asked)
        code.end(.ask)
        code.mark(unsupported)
        code.end(.refuse(EOPNOTSUPP))
        code.mark(options)
        code.load(.argument(1))
        code.jump(if: .equals(UInt32(IPPROTO_IPV6)), to: options6)
        code.jump(if: .equals(UInt32(IPPROTO_TCP)), to: optionsTCP)
        code.jump(if: .equals(UInt32(SOL_SOCKET)), to: optionsOfSockets)
        code.jump(unless: .equals(0), to: allowed)
        code.load(.argument(2))
        for option in Self.routing4 { code.jump(if: .equals(option), to: refused) }
        code.end(.allow)
        code.mark(optionsTCP)
        code.load(.argument(2))
        code.jump(if: .equals(Self.fastOpenConnect), to: refused)
        code.end(.allow)
        code.mark(optionsOfSockets)
        code.load(.argument(2))
        for option in Self.devices { code.jump(if: .equals(option), to: refused) }
        code.end(.allow)
        code.mark(options6)
        code.load(.argument(2))
        for option in Self.routing6 { code.jump(if: .equals(option), to: refused) }
        code.end(.allow)
        code.mark(past)
    }

    func supervisedSocketRules(_ code: inout FilterAssembler, allowed: FilterAssembler.Label) {
        let pair = code.label()
        let internet = code.label()
        let `protocol` = code.label()
        code.load(.argument(0))
        code.jump(if: .equals(UInt32(AF_UNIX)), to: pair)
        for family in [AF_INET, AF_INET6] { code.jump(if: .equals(UInt32(family)), to: internet) }
        code.end(.refuse(EAFNOSUPPORT))
        code.mark(internet)
        types(&code, [SOCK_STREAM], to: `protocol`)
        code.end(.refuse(EACCES))
        code.mark(`protocol`)
        code.load(.argument(2))
        for number in [0, UInt32(IPPROTO_TCP)] { code.jump(if: .equals(number), to: allowed) }
        code.end(.refuse(EPROTONOSUPPORT))
        code.mark(pair)
        types(&code, [SOCK_STREAM, SOCK_SEQPACKET], to: allowed)
        code.end(.refuse(EPROTONOSUPPORT))
    }

    private func types(_ code: inout FilterAssembler, _ types: [__socket_type], to label: FilterAssembler.Label) {
        code.load(.argument(1))
        let flags = [0, SOCK_NONBLOCK.rawValue, SOCK_CLOEXEC.rawValue, SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue]
        for type in types {
            for flags in flags { code.jump(if: .equals(type.rawValue | flags), to: label) }
        }
    }
}
