import Calls
import Wire

/// In whose name the calls of one connection act. Most bring the same credential each time, which is hashed once.
///
/// Confined to the connection's loop.
final class Credentials {
    private let services: Services
    private var last: (credential: Credential, principal: Principal)?

    init(_ services: Services) { self.services = services }

    func principal(_ credential: Credential) -> Principal {
        if let last, last.credential == credential { return last.principal }
        let principal = services.principal(credential)
        last = (credential, principal)
        return principal
    }
}
