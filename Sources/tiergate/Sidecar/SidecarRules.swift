/// The packet rules that bring an agent's traffic to the gate beside it, and keep everything else from leaving.
///
/// `deploy/sidecar*.nft` are what these print with their defaults.
struct SidecarRules: Hashable, Sendable {
    enum Variant: String, CaseIterable, Sendable {
        /// Agent and gate share a network namespace (a pod): REDIRECT by account. The gate needs no capability.
        case redirect
        /// The same by TPROXY: no address is translated, and the gate needs CAP_NET_ADMIN.
        case tproxy
        /// The agent has a network namespace of its own, and the gate is at the other end of its only link.
        case host
    }

    /// Whose packets leave as they are.
    var gate: UInt32 = SidecarRules.usualAccount
    var port: UInt16 = SidecarRules.usualPort
    var namesPort: UInt16 = SidecarRules.usualNamesPort
    var variant = Variant.redirect
    /// The link to the agent (`host`), or to the world (`belt`).
    var interface: String?
    /// Accounts that never put a packet on the link to the world, whatever made it.
    var agents: [UInt32] = []

    static let usualAccount: UInt32 = 1337
    static let usualPort: UInt16 = 15001
    static let usualNamesPort: UInt16 = 15053
    /// `tg`: what the packets of the agent are marked with, and the table that routes them here.
    static let mark = 0x7467

    var text: String {
        let table =
            switch variant {
            case .redirect: redirect
            case .tproxy: tproxy
            case .host: host
            }
        return "#!/usr/sbin/nft -f\n" + table + (agents.isEmpty ? "" : belt)
    }

    /// What `ip` is told besides, each a whole command; the first two take away what an earlier run left.
    var routes: [[String]] {
        guard variant == .tproxy else { return [] }
        let mark = "\(SidecarRules.mark)"
        return [["-4"], ["-6"]].flatMap { family in
            [
                family + ["rule", "del", "fwmark", mark, "lookup", mark],
                family + ["rule", "add", "fwmark", mark, "lookup", mark],
                family + ["route", "replace", "local", "default", "dev", "lo", "table", mark],
            ]
        }
    }

    private var redirect: String {
        """
        # Beside an agent in one network namespace. `tiergate sidecar init` applies this; it needs NET_ADMIN and nothing else.
        # The agent must have another account than the gate (\(gate)), and no capability at all: with NET_RAW it would write
        # frames past these rules (`--agent-uid` adds a belt against that).
        table inet tiergate
        delete table inet tiergate
        table inet tiergate {
          chain nat_out {
            type nat hook output priority -100; policy accept;
            meta skuid \(gate) return
            udp dport 53 redirect to :\(namesPort)
            tcp dport 53 redirect to :\(namesPort)
            # Servers on this machine are the agent's own affair.
            fib daddr type local return
            meta l4proto tcp redirect to :\(port)
          }
        \(filters(""))
        }

        """
    }

    private var tproxy: String {
        """
        # Beside an agent in one network namespace, without address translation for connections. It needs besides, for -4 and -6:
        #   ip rule add fwmark \(SidecarRules.mark) lookup \(SidecarRules.mark)
        #   ip route add local default dev lo table \(SidecarRules.mark)
        # and the gate CAP_NET_ADMIN (transparent.mode: tproxy). `tiergate sidecar init --variant tproxy` does all of it.
        table inet tiergate
        delete table inet tiergate
        table inet tiergate {
          chain nat_out {
            type nat hook output priority -100; policy accept;
            meta skuid \(gate) return
            # Answers must come from the port that was asked, which only translation can do for datagrams.
            udp dport 53 redirect to :\(namesPort)
            tcp dport 53 redirect to :\(namesPort)
          }
          chain route_out {
            type route hook output priority mangle; policy accept;
            meta skuid \(gate) return
            tcp dport 53 return
            fib daddr type local return
            # What answers a connection from outside goes back there.
            ct direction reply return
            meta l4proto tcp meta mark set \(SidecarRules.mark)
          }
          chain pre {
            type filter hook prerouting priority mangle; policy accept;
            iifname != "lo" return
            meta mark != \(SidecarRules.mark) return
            meta nfproto ipv4 meta l4proto tcp tproxy ip to 127.0.0.1:\(port) accept
            meta nfproto ipv6 meta l4proto tcp tproxy ip6 to [::1]:\(port) accept
          }
        \(filters(marked))
          chain filter_post {
            type filter hook postrouting priority 0; policy accept;
            # Where the route for marked packets is missing, they must not take the usual one.
            meta mark \(SidecarRules.mark) oifname != "lo" drop
          }
        }

        """
    }

    private var marked: String {
        """
            # Led here by the route that follows the mark, and still said to leave by the interface of the first one.
            meta mark \(SidecarRules.mark) accept

        """
    }

    private func filters(_ more: String) -> String {
        """
          chain filter_out {
            type filter hook output priority 0; policy drop;
            ct state established,related accept
            meta skuid \(gate) accept
            oifname "lo" accept
            # Redirected, and still said to leave by the interface of its first route.
            ct status dnat accept
        \(more)    meta l4proto { tcp, udp } reject with icmpx admin-prohibited
            meta l4proto ipv6-icmp icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit } accept
          }
          chain filter_in {
            type filter hook input priority 0; policy accept;
            iifname "lo" accept
            tcp dport { \(port), \(namesPort) } drop
            udp dport \(namesPort) drop
          }
          chain forward {
            type filter hook forward priority 0; policy drop;
          }
        """
    }

    private var host: String {
        let link = interface ?? "agent0"
        return """
            # On the host, for an agent in a network namespace of its own whose only link ends here as \(link).
            # The gate listens at the host's address on that link (transparent.listen, transparent.names).
            table inet tiergate
            delete table inet tiergate
            table inet tiergate {
              chain nat_pre {
                type nat hook prerouting priority -100; policy accept;
                iifname != "\(link)" return
                udp dport 53 redirect to :\(namesPort)
                tcp dport 53 redirect to :\(namesPort)
                meta l4proto tcp redirect to :\(port)
              }
              chain filter_pre {
                type filter hook prerouting priority 0; policy accept;
                iifname != "\(link)" return
                ct status dnat accept
                # At once, so that clients of QUIC take TCP.
                meta l4proto udp reject with icmpx admin-prohibited
              }
              chain filter_in {
                type filter hook input priority 0; policy accept;
                iifname != "\(link)" tcp dport { \(port), \(namesPort) } drop
                iifname != "\(link)" udp dport \(namesPort) drop
                iifname != "\(link)" accept
                ct status dnat accept
                meta l4proto ipv6-icmp icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit } accept
                drop
              }
              chain forward {
                type filter hook forward priority 0; policy accept;
                iifname "\(link)" drop
                oifname "\(link)" drop
              }
            }

            """
    }

    /// Frames that no other hook sees are seen here, with the socket that made them (Linux 5.16).
    private var belt: String {
        """
        # The belt: no packet that a socket of these accounts made leaves by \(interface ?? "eth0"), not even a raw frame. It also
        # keeps them from answering connections from outside.
        table netdev tiergate_belt
        delete table netdev tiergate_belt
        table netdev tiergate_belt {
          chain egress {
            type filter hook egress device "\(interface ?? "eth0")" priority 0; policy accept;
            meta skuid { \(agents.map(String.init).joined(separator: ", ")) } drop
          }
        }

        """
    }
}
