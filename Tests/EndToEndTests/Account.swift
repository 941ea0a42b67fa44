import Foundation
import Glibc

/// Another account of this machine that runs curl; only root can lend one.
struct Account {
    let uid: Int

    private static let setpriv = "/usr/bin/setpriv"
    static let canBeOthers = geteuid() == 0 && Place.has(setpriv)
    static let areMissing = "only root may run programs under other accounts, and setpriv does"

    /// The whole answer, head and all, on standard output: the account may write nowhere.
    func curl(_ gate: TestGate, _ arguments: String...) async throws -> String {
        try await start(Place.curl, ["-sS", "-i", "--suppress-connect-headers"] + arguments, gate.proxy).finish().output
    }

    func start(_ program: String, _ arguments: [String], _ environment: [String: String] = [:]) throws -> Running {
        let words = ["--reuid", "\(uid)", "--regid", "\(uid)", "--clear-groups", program]
        return try Running(Account.setpriv, words + arguments, environment: environment)
    }
}
