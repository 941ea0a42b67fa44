import Glibc
import Jail
import System

/// Who a program in a jail is: never root.
struct RunAccount {
    let uid: UInt32
    let gid: UInt32
    /// Its own directory; nil for one that has none.
    let home: String?
    /// Somebody else than who started the gate.
    let isOther: Bool

    /// Uids that no account has; one of them is taken where root names nobody.
    private static let throwaway: ClosedRange<UInt32> = 65_000...65_499

    /// - Parameters:
    ///   - named: `--user`.
    ///   - sudo: who said sudo, in digits (SUDO_UID).
    init(named: String?, sudo: String?) throws(JailFailure) {
        let own = geteuid()
        if let named {
            guard let uid = Accounts.uid(named: named) else {
                throw JailFailure("there is no account \(named)", help: "--user takes a name, or a uid in digits")
            }
            guard uid != 0 else { throw JailFailure("root cannot be put into a jail", help: "name somebody else") }
            guard own == 0 || uid == own else {
                throw JailFailure("only root can run programs as \(named)", help: "leave --user away, or use sudo")
            }
            self.init(uid: uid, isOther: uid != own)
        } else if own != 0 {
            self.init(uid: own, isOther: false)
        } else if let uid = sudo.flatMap({ UInt32($0) }), uid != 0 {
            self.init(uid: uid, isOther: true)
        } else {
            let free = RunAccount.throwaway.filter { getpwuid($0) == nil }
            guard let uid = free.randomElement() else {
                throw JailFailure("every uid from 65000 to 65499 is somebody's", help: "name somebody with --user")
            }
            self.init(uid: uid, isOther: true)
        }
    }

    private init(uid: UInt32, isOther: Bool) {
        let entry = getpwuid(uid)
        self.uid = uid
        gid = isOther ? entry?.pointee.pw_gid ?? uid : getegid()
        home = entry.map { String(cString: $0.pointee.pw_dir) }
        self.isOther = isOther
    }

    var ofJail: JailSettings.Account? { isOther ? .init(uid: uid, gid: gid) : nil }

    /// What tells programs who they are.
    var variables: [(name: String, value: String)] {
        guard isOther else { return [] }
        let name = Accounts.name(of: uid)
        return [("HOME", home ?? "/tmp"), ("USER", name), ("LOGNAME", name)]
    }
}
