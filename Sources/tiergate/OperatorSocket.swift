import JSON
import Operators
import Proxy
import Rules
import System

extension Command.Option {
    static let socket = Command.Option(
        name: "--socket", value: "PATH",
        help: "the gate's operator socket; without it TIERGATE_SOCKET, then your own gate's, then the service's",
        completion: .file)
}

extension Command.Operand {
    static let hold = Command.Operand(
        name: "ID", help: "a hold, as `tiergate held` lists it", completion: .holds)
    static let holds = Command.Operand(
        name: "ID", help: "holds, as `tiergate held` lists them, each whole; on a terminal, none to choose from a list",
        isRequired: false, repeats: true, completion: .holds)
}

extension Invocation {
    /// The gate that operators' commands talk to.
    var gate: OperatorClient {
        let environment = terminal.environment
        if let path = namedSocket { return OperatorClient(socket: path) }
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

    /// Says why the gate did not do what it was asked, with the status that scripts tell the reasons apart by.
    func fail(_ failure: OperatorFailure) -> ExitStatus {
        guard isJSON, case .refused(let refusal) = failure else { return fail(failure.status, failure.description) }
        terminal.print(
            json: JSONWriter.object { document in
                document.object("error") {
                    $0.field("message", refusal.detail)
                    $0.field("code", refusal.code)
                    $0.field("exit", failure.status.rawValue)
                }
                if let hold = refusal.hold { document.object("hold", hold.write) }
            })
        return failure.status
    }
}

extension OperatorFailure {
    fileprivate var status: ExitStatus {
        guard case .refused(let refusal) = self else { return .unreachable }
        switch refusal.status {
        case 400, 428: return .usage
        case 403, 409, 412: return .refused
        default: return .failed
        }
    }
}
