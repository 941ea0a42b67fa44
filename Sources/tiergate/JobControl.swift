import Glibc
import Jail

/// The gate as the job that a shell knows, for a program whose process group the shell cannot see.
///
/// The program has a process group of its own: no signal of it reaches the gate's, nor the programs beside it in a
/// pipeline. It is given the terminal at once where the gate has it for itself, and otherwise when it asks for it.
struct JobControl: ~Copyable {
    private let terminal: CInt
    private var isLent: Bool

    init() {
        terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)
        isLent = false
        isLent = isOurs && isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
    }

    deinit { if terminal >= 0 { close(terminal) } }

    /// Whether the program begins with the terminal.
    var lendsAtOnce: Bool { isLent }

    private var isOurs: Bool { terminal >= 0 && tcgetpgrp(terminal) == getpgrp() }

    /// While SIGTTOU is blocked.
    func takeBack() { if isLent { tcsetpgrp(terminal, getpgrp()) } }

    /// A signal has stopped the program.
    mutating func stopped(by signal: CInt, _ jail: Jail) {
        if signal == SIGTTIN || signal == SIGTTOU, isOurs {
            isLent = true
            jail.takeForeground()
            return jail.resume()
        }
        // Nothing of a stopped job goes on: what is left of it could otherwise take the terminal from the shell.
        jail.freeze()
        takeBack()
        // The shell sees the whole job stopped, with those beside us in a pipeline; here it goes on after `fg` or `bg`.
        kill(0, SIGSTOP)
        isLent = isLent && isOurs
        if isLent { jail.takeForeground() }
        jail.resume()
    }
}
