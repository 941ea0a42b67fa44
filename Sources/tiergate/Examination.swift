import Audit
import Calls
import Client
import Crypto
import Glibc
import Holds
import Jail
import Operators
import Proxy
import Rules
import Stores
import System

/// What `doctor` looks at. Nothing is changed.
struct Examination {
    struct Check: Sendable {
        enum Result: String, Sendable {
            case ok
            case warning
            case failed
        }

        let subject: String
        let result: Result
        let finding: String
        let help: String?

        static func ok(_ subject: String, _ finding: String) -> Check {
            Check(subject: subject, result: .ok, finding: finding, help: nil)
        }

        static func warning(_ subject: String, _ finding: String, help: String) -> Check {
            Check(subject: subject, result: .warning, finding: finding, help: help)
        }

        static func failed(_ subject: String, _ finding: String, help: String) -> Check {
            Check(subject: subject, result: .failed, finding: finding, help: help)
        }
    }

    let settings: Settings
    let gate: OperatorClient

    var checks: [Check] {
        let (rules, digest) = rules
        return [rules, state, authority, journal, trust, operators] + people + [agents, descriptors, jails]
            + running(rulesOnDisk: digest)
    }

    private var rules: (Check, digest: String?) {
        let subject = "rules"
        let places = settings.rules.joined(separator: ", ")
        do throws(IOError) {
            let now = Timestamp(milliseconds: SystemClock.wall())
            let (set, diagnostics) = try RuleFiles.load(settings.rules, now: now)
            let help = "`tiergate rules check \(settings.rules.joined(separator: " "))` shows each with its place"
            guard let set else {
                let errors = diagnostics.count { $0.severity == .error }
                return (
                    .failed(subject, "\(counted(errors, "error")) in \(places); nothing is loaded", help: help), nil
                )
            }
            guard set.ruleCount > 0 else {
                let help = "name a directory of rules in the settings; without any, every call is held"
                return (
                    .failed(subject, "there are none in \(places.isEmpty ? "the settings" : places)", help: help), nil
                )
            }
            let size = "\(counted(set.packNames.count, "pack")), \(counted(set.ruleCount, "rule")) in \(places)"
            let warnings = diagnostics.count
            if warnings > 0 {
                return (.warning(subject, "\(size); \(counted(warnings, "warning"))", help: help), set.digest)
            }
            return (.ok(subject, size), set.digest)
        } catch {
            let help = "make the directory, or name another with `rules` in the settings"
            return (.failed(subject, "cannot be read: \(error)", help: help), nil)
        }
    }

    private var state: Check {
        let subject = "state"
        let path = settings.state
        var status = stat()
        guard stat(path, &status) == 0 else {
            return errno == ENOENT
                ? .ok(subject, "\(path) will be made on first start")
                : .failed(
                    subject, "cannot look at \(path)", help: "it must be a directory that the gate's account may enter")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            return .failed(subject, "\(path) is not a directory", help: "move it away, or name another `state`")
        }
        guard status.st_mode & 0o077 == 0 else {
            return .failed(subject, "others may enter \(path), which holds keys", help: "chmod 700 \(path)")
        }
        guard access(path, R_OK | W_OK | X_OK) == 0 else {
            let owner = Accounts.name(of: status.st_uid)
            return .failed(
                subject,
                "\(path) belongs to \(owner), and \(Accounts.name(of: Accounts.effectiveUser)) may not write it",
                help: "run this as \(owner), as whom the gate runs")
        }
        var space = statvfs()
        if statvfs(path, &space) == 0 {
            let free = UInt64(space.f_bavail) * UInt64(space.f_frsize)
            if free < 1 << 30 {
                return .warning(
                    subject, "\(path) has \(free >> 20) MiB left",
                    help: "make room: with a full disk nothing passes the gate")
            }
        }
        return .ok(subject, path)
    }

    private var authority: Check {
        let subject = "authority"
        let certificate = settings.authorityFile
        let key = settings.authorityKey ?? "\(settings.state)/authority.key"
        if settings.authorityCertificate == nil, !Files.exist(certificate) {
            return .ok(subject, "will be made on first start")
        }
        var status = stat()
        if stat(key, &status) == 0, status.st_mode & 0o077 != 0 {
            return .failed(
                subject, "others may read \(key), and whoever has it can pose as any upstream", help: "chmod 600 \(key)"
            )
        }
        do throws(CryptoFailure) {
            let authority = try CertificateAuthority(certificateFile: certificate, keyFile: key)
            return .ok(subject, "\(certificate), SHA-256 \(authority.fingerprint)")
        } catch {
            return .failed(
                subject, "\(error)", help: "restore both files, or move both away and have agents trust anew")
        }
    }

    private var journal: Check {
        let subject = "journal"
        let directory = settings.journalDirectory
        guard Files.exist(directory) else { return .ok(subject, "will be begun on first start") }
        do throws(JournalFailure) {
            let (report, _) = try JournalEvidence.verify(directory)
            guard let first = report.findings.first else {
                return .ok(subject, "\(directory): \(counted(Int(clamping: report.lines), "line")), intact")
            }
            return .failed(subject, "\(first)", help: "`tiergate journal verify \(directory)` names everything")
        } catch {
            return .failed(subject, "\(error)", help: "run this as the gate's account")
        }
    }

    private var trust: Check {
        let subject = "upstream certificates"
        do throws(CryptoFailure) {
            let context = try TLSClientContext(roots: settings.upstreamRoots)
            for identity in settings.upstreamIdentities {
                _ = try TLSClientContext(like: context, certificate: identity.certificate, key: identity.key)
            }
            let extra = settings.upstreamRoots
            return .ok(
                subject, "the system's authorities" + (extra.isEmpty ? "" : " and \(extra.joined(separator: ", "))"))
        } catch {
            return .failed(
                subject, "\(error)",
                help:
                    "install the package ca-certificates, and look at `upstream.roots` and `upstream.client_certificates` in the settings"
            )
        }
    }

    private var operators: Check {
        let subject = "operators"
        let name = settings.operatorGroup ?? "tiergate"
        if Accounts.group(named: name) != nil { return .ok(subject, "members of the group \(name) may decide") }
        let help = "as root: groupadd \(name) && usermod -aG \(name) SOMEBODY"
        return settings.operatorGroup == nil
            ? .warning(subject, "there is no group \(name): only the gate's own account may decide", help: help)
            : .failed(subject, "there is no group \(name), and the settings name it", help: help)
    }

    private var agents: Check {
        let subject = "agents"
        var made: [AgentToken] = []
        if Files.exist(settings.state) {
            do throws(StoreFailure) {
                made = try AgentFile(in: try StateDirectory(opening: settings.state)).read()
            } catch {
                return .failed(
                    subject, error.sentence, help: "until it is mended no token of `tiergate agents` is good")
            }
        }
        let uid = Accounts.effectiveUser
        let tokens = made.count + settings.agentTokens.count
        let names = ([Accounts.name(of: uid)] + settings.agentAccounts.map(\.name)).joined(separator: ", ")
        let finding = "programs of \(names), and \(counted(tokens, "agent")) with a token"
        // Under a system account of its own nobody's programs run.
        if tokens == 0, settings.agentAccounts.isEmpty, (1..<1000).contains(uid) {
            return .warning(
                subject, "only programs of \(names) may use the gate",
                help: "name accounts in `agents.accounts`, or say `tiergate agents add NAME`")
        }
        return .ok(subject, finding)
    }

    private var descriptors: Check {
        let subject = "open files"
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return .ok(subject, "the limit cannot be read")
        }
        let connections = ProxySettings.connections(among: Int(clamping: min(limit.rlim_max, 1 << 20)))
        let finding = "up to \(limit.rlim_max), which is \(connections) connections of agents"
        if connections >= settings.holdMaxWaiting { return .ok(subject, finding) }
        return .warning(
            subject, "\(finding), and hold.max_waiting is \(settings.holdMaxWaiting)",
            help: "raise the limit (ulimit -Hn, LimitNOFILE= of a service), or lower hold.max_waiting")
    }

    private var jails: Check {
        let subject = "jails"
        let preflight = Preflight.current
        if case .missing(let reason, let help) = preflight.namespaces {
            return .warning(subject, "`tiergate run` is not possible: \(reason)", help: help)
        }
        let start = "programs can be run in one; `tiergate doctor --escape` tries to get out"
        if case .weaker(let reason) = preflight.landlock { return .ok(subject, "\(start); \(reason)") }
        return .ok(subject, start)
    }

    /// The gate itself, as far as it is there.
    private func running(rulesOnDisk digest: String?) -> [Check] {
        let subject = "gate"
        let health: HealthView
        do throws(OperatorFailure) {
            health = try gate.health()
        } catch {
            return [.warning(subject, "\(error)", help: "tiergate serve")]
        }
        var checks = [Check.ok(subject, "version \(health.version) answers, \(health.waiting) waiting")]
        if health.version != Version.number {
            checks[0] = .warning(
                subject, "version \(health.version) is running, this program is \(Version.number)",
                help: "restart the gate")
        }
        if let weakness = health.weakness {
            checks.append(
                .failed(
                    "boundary", "ADVISORY: \(weakness)",
                    help: "decisions prove nothing until the agent cannot open the operator socket"))
        } else {
            checks.append(.ok("boundary", "the agent's account cannot open the operator socket"))
        }
        if health.stops.isEmpty {
            checks.append(.ok("kill switch", "nothing is stopped"))
        }
        for stop in health.stops {
            checks.append(
                .warning(
                    "kill switch", stop.sentence, help: "tiergate resume \(stop.scope) --reason TEXT, when it may go on"
                ))
        }
        if let failure = health.storeFailure {
            checks.append(.failed("store", failure, help: "until it works nothing is held or sent after approval"))
        }
        if let failure = health.journalFailure {
            checks.append(.failed("journal of the gate", failure, help: "until it works nothing passes"))
        }
        if let failure = health.recordingFailure {
            checks.append(
                .warning("recording", failure, help: "calls go on; what is not recorded is missing in `rules replay`"))
        }
        if let digest, digest != health.rulesDigest {
            checks.append(
                .warning(
                    "rules in force", "they are not the ones on disk",
                    help: "kill -HUP the gate to load them, or look at its log"))
        }
        return checks
    }
}
