import Client
import JSON
import Proxy
import Rules
import System

/// One key of the settings: in the file `upstream: {allow: …}`, as a flag `--upstream.allow …`.
struct Setting: Sendable {
    /// With dots between the levels.
    let path: String
    /// What a value is, as a flag's help names it.
    let value: String
    let reason: String
    /// A list of values, or names with values (`NAME=VALUE` as a flag).
    var shape = Shape.single
    var completion = Command.Completion.none
    /// Takes the value over, or reports why not.
    let read: @Sendable (YAMLNode, inout SettingsReader, inout Settings) -> Void
    /// The values in force, as the file would say them; nil where `auto` stands for it.
    let written: @Sendable (Settings) -> [String]

    enum Shape: Sendable {
        case single
        case list
        case mapping
        /// A list of mappings, whose values are written as such.
        case records
    }

    var flag: String { "--\(path)" }

    static let all: [Setting] =
        [
            Setting(
                path: "listen", value: "ADDRESS:PORT",
                reason:
                    "Where agents find the proxy (HTTPS_PROXY). Who may use it: programs of the gate's own account and of"
                    + " agents.accounts, told by their sockets, and whoever has an agent's token.",
                shape: .list,
                read: { node, reader, settings in
                    guard let texts = reader.yaml.texts(node, "listen") else { return }
                    let addresses = texts.compactMap { reader.address($0.string, node) }
                    if addresses.count == texts.count { settings.listen = addresses }
                },
                written: { $0.listen.map(\.description) })
        ] + transparent + [
            Setting(
                path: "state", value: "DIR",
                reason: "Authority, store and journal; made with mode 0700. Keep it on a disk, not in memory.",
                completion: .directory,
                read: { node, reader, settings in reader.path(node, "state").map { settings.state = $0 } },
                written: { [$0.state] }),
            Setting(
                path: "rules", value: "DIR",
                reason: "Directories of rule files, all of which together decide; their order means nothing.",
                shape: .list, completion: .directory,
                read: { node, reader, settings in reader.paths(node, "rules").map { settings.rules = $0 } },
                written: { $0.rules }),
            Setting(
                path: "store", value: "KIND",
                reason: "Where holds live: sqlite, in the state directory. Others come later.",
                completion: .words(["sqlite"]),
                read: { node, reader, _ in
                    guard let kind = reader.yaml.text(node, "store"), kind != "sqlite" else { return }
                    reader.yaml.report(
                        .badValue, "this version keeps holds in sqlite and nowhere else", at: node.span,
                        help: "leave `store` out, or say `store: sqlite`")
                },
                written: { _ in ["sqlite"] }),
            Setting(
                path: "operator.socket", value: "PATH",
                reason: "Where people decide. The agent must not be able to open it.", completion: .file,
                read: { node, reader, settings in
                    reader.path(node, "operator.socket").map { settings.operatorSocket = $0 }
                },
                written: { [$0.operatorSocket] }),
            Setting(
                path: "operator.group", value: "GROUP",
                reason:
                    "Who may open that socket beside its owner. auto: the group tiergate if there is one, else nobody.",
                read: { node, reader, settings in
                    reader.orAuto(node, "operator.group") { text, _ in text }.map { settings.operatorGroup = $0 }
                },
                written: { [$0.operatorGroup ?? "auto"] }),
        ] + operators + [
            Setting(
                path: "authority.certificate", value: "FILE",
                reason:
                    "PEM certificate that agents trust. auto: authority.pem in the state directory, made on first start.",
                completion: .file,
                read: { node, reader, settings in
                    reader.pathOrAuto(node, "authority.certificate").map { settings.authorityCertificate = $0 }
                },
                written: { [$0.authorityCertificate ?? "auto"] }),
            Setting(
                path: "authority.key", value: "FILE",
                reason: "Its PEM key, mode 0600. auto: authority.key in the state directory, made on first start.",
                completion: .file,
                read: { node, reader, settings in
                    reader.pathOrAuto(node, "authority.key").map { settings.authorityKey = $0 }
                },
                written: { [$0.authorityKey ?? "auto"] }),
        ] + sessions + [
            Setting(
                path: "upstream.roots", value: "FILE",
                reason: "PEM files of authorities that upstreams may be certified by, beside the system's.",
                shape: .list, completion: .file,
                read: { node, reader, settings in
                    reader.paths(node, "upstream.roots").map { settings.upstreamRoots = $0 }
                },
                written: { $0.upstreamRoots }),
            Setting(
                path: "upstream.allow", value: "RANGE",
                reason:
                    "Address ranges that names may lead to beside public ones: loopback, private and metadata addresses are"
                    + " refused otherwise.",
                shape: .list,
                read: { node, reader, settings in
                    if case .sequence(let elements) = node.content, elements.isEmpty {
                        return settings.upstreamAllow = []
                    }
                    guard let texts = reader.yaml.texts(node, "upstream.allow") else { return }
                    let ranges = texts.compactMap { reader.range($0.string, node) }
                    if ranges.count == texts.count { settings.upstreamAllow = ranges }
                },
                written: { $0.upstreamAllow.map(\.description) }),
            Setting(
                path: "upstream.resolve", value: "NAME=ADDRESS",
                reason:
                    "Names that are not asked from the resolver, `**.test` for all under one; with a port, that port. What is"
                    + " said here needs no upstream.allow.",
                shape: .mapping,
                read: { node, reader, settings in
                    reader.overrides(node).map { settings.upstreamResolve = $0 }
                },
                written: { $0.upstreamResolve.map { "\(quoted($0.pattern)): \(quoted($0.address))" } }),
        ] + upstream + inspection + [
            Setting(
                path: "hold.wait", value: "TIME",
                reason:
                    "How long a held call waits on its connection before the agent is told. auto: 4 s, longer for clients"
                    + " whose own limit is known.",
                read: { node, reader, settings in
                    reader.orAuto(node, "hold.wait") { text, reader in reader.time(text, node, "hold.wait") }
                        .map { settings.holdWait = $0 }
                },
                written: { [$0.holdWait.map(TimeSpan.spelling) ?? "auto"] }),
            Setting(
                path: "hold.body", value: "SIZE",
                reason: "The largest body that a call that may be held can have; larger ones are refused with 413.",
                read: { node, reader, settings in
                    reader.size(node, "hold.body", in: 1 << 10...1 << 40).map { settings.holdBody = $0 }
                },
                written: { [Size.spelling($0.holdBody)] }),
            Setting(
                path: "hold.max_pending", value: "NUMBER",
                reason: "Undecided holds of all sessions together; beyond it calls are refused, never passed.",
                read: { node, reader, settings in
                    reader.yaml.integer(node, "hold.max_pending", in: 1...100_000_000).map {
                        settings.holdMaxPending = $0
                    }
                },
                written: { ["\($0.holdMaxPending)"] }),
            Setting(
                path: "hold.max_waiting", value: "NUMBER",
                reason: "Held calls that wait on an open connection; each costs one descriptor and memory.",
                read: { node, reader, settings in
                    reader.yaml.integer(node, "hold.max_waiting", in: 1...1_000_000).map {
                        settings.holdMaxWaiting = $0
                    }
                },
                written: { ["\($0.holdMaxWaiting)"] }),
            Setting(
                path: "hold.max_pending_per_session", value: "NUMBER",
                reason: "Undecided holds of one session: an agent cannot flood its operators.",
                read: { node, reader, settings in
                    reader.yaml.integer(node, "hold.max_pending_per_session", in: 1...1_000_000)
                        .map { settings.holdMaxPendingPerSession = $0 }
                },
                written: { ["\($0.holdMaxPendingPerSession)"] }),
        ] + holdTime + journal + recording + notices + [
            Setting(
                path: "workers", value: "NUMBER", reason: "Event loops, a thread each. auto: one a processor.",
                read: { node, reader, settings in
                    if reader.isAuto(node) {
                        settings.workers = nil
                    } else {
                        reader.yaml.integer(node, "workers", in: 1...256).map { settings.workers = $0 }
                    }
                },
                written: { [$0.workers.map(String.init) ?? "auto"] })
        ]

    /// The options of a command that takes settings.
    static let options: [Command.Option] =
        [.config]
        + all.map { setting in
            Command.Option(
                name: setting.flag, value: setting.value, help: setting.reason, repeats: setting.shape.repeats,
                completion: setting.completion)
        }
}

extension Setting.Shape {
    var repeats: Bool {
        switch self {
        case .single: false
        case .list, .mapping, .records: true
        }
    }
}

extension Command.Option {
    static let config = Command.Option(
        name: "--config", value: "FILE",
        help: "settings; without it, the user's own (`tiergate serve --print-config` shows them)", completion: .file)
}

/// Text as YAML reads it back: plain where nothing in it could mean something else.
func quoted(_ text: String) -> String {
    let isHarmless = text.utf8.allSatisfy { byte in
        switch byte {
        case 0x20, 0x2D...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: true
        default: false
        }
    }
    let edges = [text.utf8.first, text.utf8.last]
    if isHarmless, text != "null", !edges.contains(0x20), !edges.contains(0x2D), !text.isEmpty { return text }
    let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    return "\"\(escaped)\""
}
