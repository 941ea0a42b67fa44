import Calls

extension Principal {
    /// Whether its credentials end by themselves and are drawn anew, so that a 401 says that this one came too late: nothing
    /// was carried out, and the approval waits for the same call with a fresh one. Another opaque token is another principal.
    var isRenewed: Bool {
        switch self {
        case .aws, .token: true
        case .none, .opaque: false
        }
    }
}
