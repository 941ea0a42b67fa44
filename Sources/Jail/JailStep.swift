import CSystem
import Glibc

/// One thing that is done between the fork and the exec; `include/jail.h` says how.
enum JailStep: Sendable {
    /// Families of netlink(7).
    enum Family: CInt, Sendable {
        case routes = 0
        case packetRules = 12
    }

    case netlink(Family, [UInt8])
    case listen(type: CInt, address: [UInt8])
    case handOver
    case mount(String?, on: String, type: String? = nil, flags: UInt, data: String? = nil)
    case attributes(String, UInt64)
    case directory(String, mode: UInt32)
    case file(String, mode: UInt32, [UInt8])
    case link(String, to: String)
    case pivot(to: String, old: String)
    case detach(String)
    case write(String, [UInt8])
    /// The jail can do without it.
    indirect case optional(JailStep)
    /// Not needed where there is no such path, or none that the program could reach.
    indirect case ifThere(JailStep)

    /// What it is, for the message that it failed; paths as the person knows them.
    var explanation: String {
        switch self {
        case .netlink(let family, _):
            family == .packetRules ? "load the packet rules (nf_tables)" : "set up the network (rtnetlink)"
        case .listen: "listen for the program's connections"
        case .handOver: "hand the listeners over"
        case .mount(let source, let target, let type, _, _):
            "mount \(type ?? source.map(JailStep.outside) ?? "") on \(JailStep.outside(target))"
        case .attributes(let path, _): "make \(JailStep.outside(path)) read-only"
        case .directory(let path, _): "make the directory \(JailStep.outside(path))"
        case .file(let path, _, _): "make the file \(JailStep.outside(path))"
        case .link(let path, _): "make the link \(JailStep.outside(path))"
        case .pivot: "change the root"
        case .detach: "let go of the old root"
        case .write(let path, _): "write \(JailStep.outside(path))"
        case .optional(let step), .ifThere(let step): step.explanation
        }
    }

    private static func outside(_ path: String) -> String {
        for root in [JailView.new, JailView.old] where path.hasPrefix(root) {
            let rest = path.dropFirst(root.count)
            return rest.isEmpty ? "/" : String(rest)
        }
        return path
    }

    /// As the helper reads it; what it points to lives in `memory`.
    func form(in memory: PlanMemory) -> tg_jail_step {
        var step = tg_jail_step()
        func set(_ kind: tg_jail_kind) { step.kind = Int32(kind.rawValue) }
        func give(_ bytes: [UInt8]) {
            step.data = memory.keep(bytes)
            step.size = bytes.count
        }
        switch self {
        case .netlink(let family, let messages):
            set(tg_jail_netlink)
            step.flags = UInt64(family.rawValue)
            give(messages)
        case .listen(let type, let address):
            set(tg_jail_listen)
            step.flags = UInt64(type)
            give(address)
        case .handOver: set(tg_jail_hand_over)
        case .mount(let source, let target, let type, let flags, let data):
            set(tg_jail_mount)
            step.source = source.map(memory.keep)
            step.target = memory.keep(target)
            step.type = type.map(memory.keep)
            step.flags = UInt64(flags)
            step.data = data.map { UnsafeRawPointer(memory.keep($0)) }
        case .attributes(let path, let flags):
            set(tg_jail_attributes)
            step.target = memory.keep(path)
            step.flags = flags
        case .directory(let path, let mode):
            set(tg_jail_directory)
            step.target = memory.keep(path)
            step.flags = UInt64(mode)
        case .file(let path, let mode, let content):
            set(tg_jail_file)
            step.target = memory.keep(path)
            step.flags = UInt64(mode)
            give(content)
        case .link(let path, let destination):
            set(tg_jail_link)
            step.source = memory.keep(destination)
            step.target = memory.keep(path)
        case .pivot(let root, let old):
            set(tg_jail_pivot)
            step.source = memory.keep(root)
            step.target = memory.keep(old)
        case .detach(let path):
            set(tg_jail_detach)
            step.target = memory.keep(path)
        case .write(let path, let content):
            set(tg_jail_write)
            step.target = memory.keep(path)
            give(content)
        case .optional(let inner):
            step = inner.form(in: memory)
            step.need = Int32(tg_jail_optional.rawValue)
        case .ifThere(let inner):
            step = inner.form(in: memory)
            step.need = Int32(tg_jail_if_there.rawValue)
        }
        return step
    }
}
