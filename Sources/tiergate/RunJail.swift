import Jail
import System

extension JailSettings {
    /// A jail beside the gate of these settings: what is the gate's is out of its reach.
    init(_ settings: Settings, _ account: RunAccount, _ invocation: Invocation) {
        let environment = invocation.terminal.environment
        let here = environment.currentDirectory
        self.init(
            command: [], environment: ProgramEnvironment.inherited(replacing: account.variables),
            directory: Paths.realOrFuture(here), homes: [environment.home] + [account.home].compactMap(\.self))
        self.account = account.ofJail
        let socket = Paths.absolute(settings.operatorSocket, in: here)
        kept = ([settings.state, Paths.parent(socket)] + settings.rules.filter(Files.exist)).map {
            Paths.absolute($0, in: here)
        }
        let secrets = [settings.authorityKey, settings.upstreamProxyCredentials].compactMap(\.self)
        deciding = [settings.operatorGroups, settings.allowedSigners].compactMap(\.self).map {
            Paths.absolute($0, in: here)
        }
        let tokens = settings.agentTokens.compactMap { token in
            if case .file(let path) = token.proof { path } else { nil }
        }
        let files =
            secrets + settings.upstreamIdentities.map(\.key) + tokens + invocation.values(Command.Option.config.name)
        keptFiles = files.map { Paths.absolute($0, in: here) }
    }
}
