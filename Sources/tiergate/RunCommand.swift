import Calls
import Glibc
import Jail
import System

extension Command {
    static let run = Command(
        name: "run", summary: "run a program that can reach nothing but through a gate",
        operands: [
            Operand(name: "COMMAND", help: "the program and its arguments, after --", repeats: true)
        ],
        options: [
            Option(
                name: "--session", value: "NAME", help: "what operators see this run as; no two at a time at one gate"),
            Option(
                name: "--autonomy", value: "LEVEL",
                help:
                    "how freely it may act, for rules that ask for agent.autonomy: supervised, constrained, monitored, full",
                completion: .words(Autonomy.allCases.map(\.rawValue))),
            Option(
                name: "--share", value: "PATH[:ro]", help: "show this file or directory of yours too", repeats: true,
                completion: .file),
            Option(name: "--user", value: "NAME", help: "as root: the account that the program gets"),
            Option(
                name: "--allow-userns",
                help: "let the program make user namespaces (Chromium's sandbox, bubblewrap); they lead nowhere either"),
            Option(
                name: "--weaker",
                help: "without namespaces, where this machine lets ordinary accounts have none: keeps less, see below"),
        ] + Setting.options,
        details: """
            The program sees the machine read-only, the current directory read-write, and no home, /tmp, /run or devices. \
            Whatever it connects to, by name or by number, at any port, is the gate's to let through; UDP but for names \
            is refused. It needs no setting and no root, and keeps its account, terminal, signals and exit status.

            Nothing that it starts leaves the jail, and all of it ends with the gate. What it writes into the current \
            directory stays: look before you run that outside. Sockets that are in shared directories when it starts \
            are masked; sockets that others make there later can be connected to.

            With --weaker (Linux 6.2, Landlock, no namespaces) the gate connects in the program's stead, by seccomp, to itself; \
            datagrams, unix sockets by name and servers for others are refused, names are asked for over TCP, the home is an \
            empty directory, and of files only the project and what is shared can be written. It does not protect from: \
            seeing names, sizes and dates of all files, and which processes there are; changing modes and dates of your own \
            files; a fault of the kernel's in what namespaces would have hidden. Programs with a resolver of their own \
            (static Go) find no names, and servers on 127.0.0.1 cannot be connected to.

            The exit status is the program's; 128 and a signal's number where one ended it; 127 where there is no such \
            program, 126 where it cannot be run, 125 where there is no jail.
            """,
        examples: [
            Example("tiergate run -- python3 agent.py", "in its project's directory"),
            Example("tiergate run --session review -- bash", "a shell, and what you start from it"),
            Example("tiergate run --share ~/.local:ro -- my-agent", "a program that is in your home"),
            Example("tiergate run --weaker -- python3 agent.py", "in a container that forbids namespaces"),
            Example("sudo tiergate run --user agent -- ./work", "as another account; root is never in a jail"),
        ],
        runsProgram: true,
        run: { invocation in
            guard var settings = invocation.settings() else { return .usage }
            if let word = invocation.value("--autonomy") {
                guard let level = Autonomy(rawValue: word) else {
                    return invocation.fail(
                        .usage, "there is no level of autonomy \(visible(word))", help: Autonomy.help)
                }
                settings.agentAutonomy = level
            }
            // Nothing but the jail leads to this gate; an address in the file is for the one that serves.
            if invocation.values("--listen").isEmpty { settings.listen = [] }
            do {
                exit(try AgentRun(settings, invocation).run())
            } catch let failure as JailFailure {
                invocation.terminal.fail(failure.message, help: failure.help)
                exit(failure.status)
            } catch {
                invocation.terminal.fail("\(error)")
                exit(JailFailure.ownStatus)
            }
        })
}
