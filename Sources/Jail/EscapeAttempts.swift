import CSystem
import Glibc

/// Attempts to get out, made from inside a jail: `escape.c` has the table.
package enum EscapeAttempts {
    /// What was laid out outside, for the attempts to reach.
    package struct Bait: Sendable {
        package var port4: UInt16 = 0
        package var port6: UInt16 = 0
        /// 0 where the machine has none.
        package var address4: UInt32 = 0
        package var process: Int32 = 0
        package var allowsNamespaces = false
        package var abstractName = ""
        package var passingSocket = ""
        package var passingFile = ""
        package var projectSocket = ""
        package var operatorSocket = ""
        package var key = ""
        package var rules = ""
        package var terminal = ""
        /// Beside a gate, in no jail: other attempts, for which nothing has to be laid out.
        package var beside: Beside?

        /// How the gate is found that this runs beside.
        package struct Beside: Sendable {
            package let port: UInt16
            package let namesPort: UInt16
            package let account: UInt32

            package init(port: UInt16, namesPort: UInt16, account: UInt32) {
                self.port = port
                self.namesPort = namesPort
                self.account = account
            }
        }

        package init() {}
    }

    package struct Result: Sendable {
        package let name: String
        package let reason: String
        package let isOpen: Bool
    }

    /// Makes all of them, one after the other.
    package static func make(_ bait: Bait, told: (Result) -> Void) {
        let memory = PlanMemory()
        // As a program of a jail it may be ignored here; each attempt is a child whose end is waited for.
        signal(SIGCHLD, SIG_DFL)
        var laid = tg_escape_bait()
        laid.port4 = bait.port4
        laid.port6 = bait.port6
        laid.address4 = bait.address4
        laid.gate_port = JailPlan.port
        laid.pid = bait.process
        laid.allows_namespaces = bait.allowsNamespaces ? 1 : 0
        laid.abstract_name = memory.keep(bait.abstractName)
        laid.passing_socket = memory.keep(bait.passingSocket)
        laid.passing_file = memory.keep(bait.passingFile)
        laid.project_socket = memory.keep(bait.projectSocket)
        laid.operator_socket = memory.keep(bait.operatorSocket)
        laid.key = memory.keep(bait.key)
        laid.rules = memory.keep(bait.rules)
        laid.terminal = memory.keep(bait.terminal)
        if let beside = bait.beside {
            laid.is_beside = 1
            laid.gate_port = beside.port
            laid.names_port = beside.namesPort
            laid.gate_uid = beside.account
        }
        for number in CInt(0)... {
            var result = tg_escape_result()
            let code = tg_escape_try(number, &laid, &result)
            guard code != ENOENT else { break }
            let name = withUnsafeBytes(of: &result.name) { text($0) }
            let reason = withUnsafeBytes(of: &result.reason) { text($0) }
            told(
                Result(
                    name: name.isEmpty ? "attempt \(number)" : name, reason: code == 0 ? reason : "not made: \(code)",
                    isOpen: code != 0 || result.is_open != 0))
        }
        withExtendedLifetime(memory) {}
    }

    private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}
