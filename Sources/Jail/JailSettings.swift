/// What a jail is made of, as the person asked for it.
package struct JailSettings: Sendable {
    /// The program and its arguments, as exec takes them.
    package var command: [[UInt8]]
    /// `NAME=value`, what the program inherits.
    package var environment: [[UInt8]]
    /// Where the program begins; read-write in the jail unless that would show what is hidden.
    package var directory: String
    package var shares: [Share] = []
    /// People's own directories, which the program does not see.
    package var homes: [String]
    /// Directories that the program must not reach even where a share contains them: state, rules, operator sockets.
    package var kept: [String] = []
    /// Files of the same kind.
    package var keptFiles: [String] = []
    /// Files that say who decides: masked, too, and no program may put others in their place.
    package var deciding: [String] = []
    /// Files that are made in places which are empty in the jail: certificates, key stores.
    package var files: [File] = []
    /// Which of them stand in the place of the machine's own.
    package var substitutes: [Substitute] = []
    /// Whom a root turns into; nil for whoever starts it.
    package var account: Account?
    /// Whether the program may make user namespaces (`--allow-userns`).
    package var allowsNamespaces = false
    package var interception = Interception.everyPort
    /// Without namespaces (`--weaker`): a directory of the program's own, which is its home, and where it leaves what passes.
    package var weakerIn: String?

    package struct Share: Hashable, Sendable {
        package let path: String
        package let isReadOnly: Bool

        package init(path: String, isReadOnly: Bool) {
            self.path = path
            self.isReadOnly = isReadOnly
        }

        /// `PATH` or `PATH:ro`.
        package init(_ text: String) {
            let isReadOnly = text.hasSuffix(":ro")
            self.init(path: isReadOnly ? String(text.dropLast(3)) : text, isReadOnly: isReadOnly)
        }
    }

    /// Everybody may read it, nobody write.
    package struct File: Hashable, Sendable {
        package let path: String
        package let content: [UInt8]

        package init(path: String, content: [UInt8]) {
            self.path = path
            self.content = content
        }
    }

    package struct Substitute: Hashable, Sendable {
        /// One of `files`.
        package let path: String
        /// With links resolved.
        package let target: String

        package init(path: String, target: String) {
            self.path = path
            self.target = target
        }
    }

    package struct Account: Hashable, Sendable {
        package let uid: UInt32
        package let gid: UInt32

        package init(uid: UInt32, gid: UInt32) {
            self.uid = uid
            self.gid = gid
        }
    }

    /// Which connections reach the gate; all others are refused by the jail's own kernel.
    package enum Interception: Hashable, Sendable {
        /// Needs nf_tables with tproxy.
        case everyPort
        /// What every kernel with user namespaces can.
        case ports([UInt16])

        /// Where there are no packet rules: the web, Git, mail submission, common databases and brokers.
        package static let usual = Interception.ports([
            22, 80, 443, 465, 587, 993, 1433, 3000, 3306, 4317, 4318, 5000, 5432, 5672, 6379, 8000, 8080, 8443, 8888,
            9092, 9200, 9418, 27017,
        ])
    }

    package init(command: [[UInt8]], environment: [[UInt8]], directory: String, homes: [String]) {
        self.command = command
        self.environment = environment
        self.directory = directory
        self.homes = homes
    }
}
