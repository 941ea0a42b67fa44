import Calls
import JSON
import Proxy
import Rules
import System

/// The keys of transparent interception.
extension Setting {
    static let transparent: [Setting] = [
        Setting(
            path: "transparent.listen", value: "ADDRESS:PORT",
            reason:
                "Where packet rules lead agents' connections that were going elsewhere (`tiergate sidecar init`). Every"
                + " account that comes this way is an agent of its own. `--transparent` alone is 127.0.0.1:15001 and"
                + " [::1]:15001.",
            shape: .list,
            read: { node, reader, settings in
                reader.addresses(node, "transparent.listen").map { settings.transparentListen = $0 }
            },
            written: { $0.transparentListen.map(\.description) }),
        Setting(
            path: "transparent.names", value: "ADDRESS:PORT",
            reason:
                "Where they lead questions for names, over UDP and TCP. `--transparent` alone is 127.0.0.1:15053 and"
                + " [::1]:15053.",
            shape: .list,
            read: { node, reader, settings in
                reader.addresses(node, "transparent.names").map { settings.transparentNames = $0 }
            },
            written: { $0.transparentNames.map(\.description) }),
        Setting(
            path: "transparent.mode", value: "KIND",
            reason:
                "How connections are led here: redirect (their addresses are translated), or tproxy (they are not; the"
                + " gate needs CAP_NET_ADMIN).",
            completion: .words(["redirect", "tproxy"]),
            read: { node, reader, settings in
                guard let kind = reader.yaml.text(node, "transparent.mode") else { return }
                switch kind {
                case "redirect": settings.transparentKind = .redirected
                case "tproxy": settings.transparentKind = .transparent
                default:
                    reader.yaml.report(
                        .badValue, "\(visible(kind.string)) is no way to lead connections here", at: node.span,
                        help: "redirect or tproxy")
                }
            },
            written: { [$0.transparentKind == .redirected ? "redirect" : "tproxy"] }),
        Setting(
            path: "transparent.identity", value: "KIND",
            reason:
                "What makes an agent of those that come this way: account, or cgroup: each control group of an account is a"
                + " run of its own, as the containers of a pod are. Holds of one run are not another's.",
            completion: .words(["account", "cgroup"]),
            read: { node, reader, settings in
                guard let kind = reader.yaml.text(node, "transparent.identity") else { return }
                switch kind {
                case "account": settings.transparentByGroup = false
                case "cgroup": settings.transparentByGroup = true
                default:
                    reader.yaml.report(
                        .badValue, "\(visible(kind.string)) makes no agent", at: node.span, help: "account or cgroup")
                }
            },
            written: { [$0.transparentByGroup ? "cgroup" : "account"] }),
        Setting(
            path: "transparent.silence", value: "TIME",
            reason:
                "How long such a connection may say nothing before it is closed: protocols in which the server speaks first"
                + " are not understood.",
            read: { node, reader, settings in
                guard let text = reader.yaml.text(node, "transparent.silence") else { return }
                if let time = TimeSpan.parse(text.string), 1...86_400_000 ~= time {
                    settings.transparentSilence = time
                } else {
                    reader.yaml.report(
                        .badValue, "transparent.silence must be a time up to 1 d", at: node.span,
                        help: "for example 20 s")
                }
            },
            written: { [TimeSpan.spelling($0.transparentSilence)] }),
    ]
}

extension SettingsReader {
    /// A list of addresses with ports, which may be empty.
    mutating func addresses(_ node: YAMLNode, _ what: String) -> [SocketAddress]? {
        guard let texts = texts(node, what) else { return nil }
        let addresses = texts.compactMap { address($0.string, node) }
        return addresses.count == texts.count ? addresses : nil
    }
}
