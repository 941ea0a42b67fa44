import JSON
import Operators
import System

/// What the commands have in common that ask a running gate.
extension Command.Option {
    static let socket = Command.Option(
        name: "--socket", value: "PATH",
        help: "the gate's operator socket; without it TIERGATE_SOCKET, then your own gate's, then the service's",
        completion: .file)
    static let digest = Command.Option(
        name: "--digest", value: "DIGEST", help: "decide only if the call is still the one with this digest")
}

extension Command.Operand {
    static let hold = Command.Operand(
        name: "ID", help: "a hold, as `tiergate held` lists it, or enough of its beginning", completion: .holds)
    static let holds = Command.Operand(
        name: "ID", help: "holds, each by its whole id; at a terminal none, or a beginning, to choose from a list",
        isRequired: false, repeats: true, completion: .holds)
}

extension Invocation {
    /// The gate that operators' commands talk to.
    var gate: OperatorClient {
        let environment = terminal.environment
        if let path = value(Command.Option.socket.name) ?? environment["TIERGATE_SOCKET"] {
            return OperatorClient(socket: path)
        }
        let own = Settings.ofUser(environment, exists: Files.exist).operatorSocket
        let service = Settings.ofService.operatorSocket
        return OperatorClient(socket: !Files.exist(own) && Files.exist(service) ? service : own)
    }

    /// The gate that runs with these settings.
    func gate(of settings: Settings) -> OperatorClient {
        OperatorClient(socket: namedSocket ?? settings.operatorSocket)
    }

    private var namedSocket: String? {
        value(Command.Option.socket.name) ?? terminal.environment["TIERGATE_SOCKET"]
    }

    /// Asks the gate, and ends the command with what went wrong where nothing came of it.
    func asking(_ body: (OperatorClient) throws(OperatorFailure) -> ExitStatus) -> ExitStatus {
        do throws(OperatorFailure) {
            return try body(gate)
        } catch {
            if isJSON {
                terminal.print(json: JSONWriter.object { $0.object("error", error.write) })
            } else {
                terminal.fail(error.message, help: error.help)
            }
            return error.status
        }
    }
}

extension OperatorFailure {
    /// Scripts tell the reasons apart by it.
    var status: ExitStatus {
        if case .unsigned = self { return .failed }
        guard case .refused(let refusal) = self else { return .unreachable }
        switch refusal.status {
        case 400, 428: return .usage
        case 403, 409, 412: return .refused
        default: return .failed
        }
    }

    func write(into json: inout JSONWriter.Object) {
        json.field("message", message)
        json.field("help", help)
        json.field("exit", status.rawValue)
        guard case .refused(let refusal) = self else { return }
        json.field("code", refusal.code)
        if let hold = refusal.hold { json.object("hold", hold.write) }
        if !refusal.matches.isEmpty { json.array("matches", refusal.matches.map(\.id)) }
    }
}
