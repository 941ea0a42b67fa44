import Glibc
import JSON
import Operators

/// What the commands have in common that ask a running gate.
extension Command.Option {
    static let socket = Command.Option(
        name: "--socket", value: "PATH",
        help: "the gate's operator socket; otherwise $TIERGATE_SOCKET, the one of --config, or of your own gate",
        completion: .file)
}

extension Invocation {
    /// The gate that is meant: said outright, by the environment, by the settings; otherwise one's own where it runs,
    /// and the service's where only that does.
    func gate() throws(Settings.Refusal) -> OperatorClient {
        let environment = terminal.environment
        if let path = value(Command.Option.socket.name) ?? environment["TIERGATE_SOCKET"] {
            return OperatorClient(socket: path)
        }
        let own = try Settings.load(self).operatorSocket
        let service = Settings.ofService.operatorSocket
        let isElsewhere = !has(Command.Option.config.name) && access(own, F_OK) != 0 && access(service, F_OK) == 0
        return OperatorClient(socket: isElsewhere ? service : own)
    }

    /// Asks the gate, and ends the command with what went wrong where nothing came of it.
    func asking(_ body: (OperatorClient) throws(OperatorFailure) -> ExitStatus) -> ExitStatus {
        let client: OperatorClient
        do throws(Settings.Refusal) { client = try gate() } catch { return fail(error) }
        do throws(OperatorFailure) { return try body(client) } catch { return fail(error) }
    }

    func fail(_ failure: OperatorFailure) -> ExitStatus {
        if isJSON {
            terminal.print(json: JSONWriter.object { $0.object("error", failure.write) })
        } else {
            terminal.fail(failure.message, help: failure.help)
        }
        return failure.status
    }
}

extension OperatorFailure {
    var status: ExitStatus {
        switch self {
        case .notRunning, .noPermission, .broken, .notUnderstood: .unreachable
        case .refused(let refusal) where [403, 409, 412].contains(refusal.status): .refused
        case .refused: .failed
        }
    }

    func write(into json: inout JSONWriter.Object) {
        json.field("message", message)
        json.field("help", help)
        json.field("exit", status.rawValue)
        guard case .refused(let refusal) = self else { return }
        json.field("status", refusal.status)
        json.field("code", refusal.code)
        if let hold = refusal.hold { json.object("hold", hold.write) }
        if !refusal.matches.isEmpty { json.array("matches", refusal.matches.map(\.id)) }
    }
}
