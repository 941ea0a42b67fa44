import Calls
import Proxy
import Rules
import System

/// The rules that a command works on: the directories that were named, or those of the settings.
struct RulesAtHand {
    let directories: [String]
    let now: Timestamp
    /// Nil where there are errors.
    let set: RuleSet?
    let diagnostics: [Diagnostic]

    var errors: Int { diagnostics.count { $0.severity == .error } }
    var warnings: Int { diagnostics.count { $0.severity == .warning } }

    /// Why there is nothing to work on, with the status to end with.
    struct Unreadable: Error {
        let message: String
        let help: String?
    }

    /// - Parameter asIfGranted: judged as if the site granted every pack what it declares.
    init(named directories: [String], asIfGranted: Bool, _ invocation: Invocation) throws {
        self.directories = try directories.isEmpty ? Settings.load(invocation).rules : directories
        now = Timestamp(milliseconds: SystemClock.wall())
        do throws(IOError) {
            (set, diagnostics) = try RuleFiles.load(self.directories, now: now, asIfGranted: asIfGranted)
        } catch {
            throw Unreadable(message: "cannot read the rules: \(error)", help: "name a directory of rule files")
        }
    }

    /// `2 packs, 31 rules`
    var size: String {
        guard let set else { return "nothing loaded" }
        return "\(counted(set.packNames.count, "pack")), \(counted(set.ruleCount, "rule"))"
    }
}

/// `1 rule`, `2 rules`
func counted(_ number: Int, _ thing: String) -> String { "\(number) \(thing)\(number == 1 ? "" : "s")" }

extension Invocation {
    /// Runs `body` with the rules, or says why there are none.
    func withRules(_ directories: [String], asIfGranted: Bool = false, _ body: (RulesAtHand) -> ExitStatus)
        -> ExitStatus
    {
        do {
            return body(try RulesAtHand(named: directories, asIfGranted: asIfGranted, self))
        } catch let refusal as Settings.Refusal {
            return fail(refusal)
        } catch let unreadable as RulesAtHand.Unreadable {
            return fail(.usage, unreadable.message, help: unreadable.help)
        } catch {
            return fail(.failed, "\(error)")
        }
    }

    /// Runs `body` with rules that are in order, or says what is wrong with them.
    func withSoundRules(
        _ directories: [String], asIfGranted: Bool = false, _ body: (RuleSet, RulesAtHand) -> ExitStatus
    ) -> ExitStatus {
        withRules(directories, asIfGranted: asIfGranted) { rules in
            guard let set = rules.set else {
                for diagnostic in rules.diagnostics where diagnostic.severity == .error {
                    terminal.note(diagnostic.rendered + "\n")
                }
                return fail(
                    .failed, "\(counted(rules.errors, "error")) in the rules; nothing is loaded",
                    help: "`tiergate rules check` shows warnings too")
            }
            return body(set, rules)
        }
    }
}
