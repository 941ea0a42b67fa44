import CSystem
import Glibc
package import System

/// Signals of a gate that runs a program: those for the program, and the one that stops everything.
///
/// Made before any thread, all of which inherit what is blocked.
package struct JobSignals: Sendable {
    /// Bit n: signal n was ignored when this process began (nohup), and will be by the program.
    let ignored: UInt64
    /// Readable where one for the program has come.
    package let descriptor: CInt
    /// Where SIGUSR2 is read.
    package let kill: CInt

    package init() throws(IOError) {
        ignored = tg_ignored_signals()
        // A peer that is gone, and a file that may not grow (ulimit -f), are errors of a call and no end of the gate.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        // Where it is ignored the kernel keeps no exit statuses, and nobody would hear of the jail's end.
        signal(SIGCHLD, SIG_DFL)
        // The last two only blocked: the gate takes the terminal back from the background.
        let watched = [SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGTSTP, SIGTTOU, SIGTTIN]
        descriptor = tg_signalfd(watched, CInt(watched.count))
        kill = tg_signalfd([SIGUSR2], 1)
        guard descriptor >= 0, kill >= 0 else { throw .system("signalfd", -min(descriptor, kill)) }
    }

    /// The next one for the program; nil where there is none.
    package func next() -> CInt? {
        var info = [UInt8](repeating: 0, count: 128)
        guard read(descriptor, &info, info.count) == info.count else { return nil }
        let number = CInt(info[0])
        return number == SIGTTOU || number == SIGTTIN ? nil : number
    }
}
