import CSystem
import Glibc
import Synchronization
import System

/// A program in a jail, from its start to its end: the gate's side of the control socket.
///
/// When this end is closed, also by the gate's death, every process in the jail is killed.
package final class Jail: Sendable {
    /// Sockets of the jail's network, for whoever takes them.
    package struct Listeners: Sendable {
        /// Connections to anywhere.
        package let streams: [CInt]
        /// Questions for names: UDP, and TCP.
        package let datagrams: [CInt]
        package let nameStreams: [CInt]
    }

    /// What happens in a jail.
    package enum Event: Sendable {
        /// Everything is laid out; the program starts at `go`.
        case ready
        /// A signal stopped it.
        case stopped(CInt)
        case failed(JailFailure)
        /// Nobody is there any more; `status` has how it ended.
        case ended
    }

    package let listeners: Listeners
    /// Readable where there is an event.
    package let control: CInt
    /// What is intercepted: less than was asked for where the kernel has no packet rules.
    package let interception: JailSettings.Interception
    /// The project is not shown, because with it something hidden would be.
    package let isWithoutProject: Bool
    /// Who connects in the stead of a program that has no network of its own.
    package let supervisor: Supervisor?
    private let pid: Int32
    private let plan: JailPlan
    /// It was ready before it was asked for its events.
    private let wasReady: Mutex<Bool>

    /// Makes a jail up to where the program would start.
    ///
    /// - Parameter takesTerminal: the program gets the terminal at once.
    package static func start(
        _ settings: JailSettings, _ signals: JobSignals? = nil, takesTerminal: Bool = false
    ) throws(JailFailure) -> Jail {
        do throws(JailFailure) {
            return try Jail(settings, takesTerminal, signals?.ignored ?? 0)
        } catch {
            guard settings.weakerIn == nil else { throw error }
            guard error.isForLackOfPacketRules, settings.interception == .everyPort else { throw error }
            var listed = settings
            listed.interception = .usual
            return try Jail(listed, takesTerminal, signals?.ignored ?? 0)
        }
    }

    private init(_ settings: JailSettings, _ takesTerminal: Bool, _ ignored: UInt64) throws(JailFailure) {
        if settings.weakerIn != nil { try Preflight.requireSupervision() }
        plan = try JailPlan(settings)
        supervisor = settings.weakerIn == nil ? nil : try Supervisor()
        interception = settings.interception
        isWithoutProject = plan.view.isWithoutProject
        var ends: [CInt] = [-1, -1]
        guard tg_jail_control(&ends) == 0 else { throw JailFailure("no socket for a jail: \(errno)") }
        let memory = PlanMemory()
        var form = plan.form(in: memory, takesTerminal: takesTerminal, ignored: ignored)
        let code = tg_jail_start(&form, ends[1])
        withExtendedLifetime(memory) {}
        close(ends[1])
        control = ends[0]
        guard code == 0 else {
            close(ends[0])
            throw JailFailure("cannot start a process: \(IOError.explanation(of: -code))")
        }
        var isReady = false
        var pid: Int32?
        var taken: [CInt]?
        while pid == nil || taken == nil {
            var message = tg_jail_message()
            var descriptors = [CInt](repeating: -1, count: Int(tg_jail_most_listeners.rawValue))
            let count = tg_jail_receive(ends[0], &message, &descriptors, CInt(descriptors.count))
            switch (count, tg_jail_word(UInt32(message.word))) {
            case (0..., tg_jail_started): pid = message.value
            // Its first process may be faster than whoever tells that there is one.
            case (0..., tg_jail_ready): isReady = true
            case (0..., tg_jail_listeners): taken = Array(descriptors.prefix(Int(count)))
            default:
                let failure =
                    count < 0
                    ? JailFailure("the jail ended before it was made", help: Preflight.current.help)
                    : Jail.failure(message, in: plan)
                for descriptor in taken ?? [] { close(descriptor) }
                close(ends[0])
                // Where it failed before it had a process of its own there is none to wait for.
                if let pid { _ = tg_wait(pid) }
                throw failure
            }
        }
        self.pid = pid ?? -1
        wasReady = Mutex(isReady)
        let all = taken ?? []
        if let supervisor {
            guard let notify = all.first else { throw JailFailure("the jail gave no descriptor for its calls") }
            listeners = supervisor.listeners
            do throws(JailFailure) {
                try supervisor.serve(notify)
            } catch {
                shutdown(control, CInt(SHUT_RDWR))
                _ = tg_wait(self.pid)
                throw error
            }
            return
        }
        let streams = JailPlan.streams(settings.interception)
        let names = all.dropFirst(streams)
        listeners = Listeners(
            streams: Array(all.prefix(streams)), datagrams: Array(names.prefix(names.count / 2)),
            nameStreams: Array(names.dropFirst(names.count / 2)))
    }

    deinit { close(control) }

    // MARK: Orders

    package func go() { tell(tg_jail_go) }
    /// A signal for the program and what belongs to its job.
    package func signal(_ number: CInt) { tell(tg_jail_signal, number) }
    /// Gives the program the terminal.
    package func takeForeground() { tell(tg_jail_foreground) }
    /// Stops every process.
    package func freeze() { tell(tg_jail_freeze) }
    package func resume() { tell(tg_jail_continue) }

    /// Kills every process.
    package func end() { shutdown(control, CInt(SHUT_RDWR)) }

    private func tell(_ word: tg_jail_word, _ value: CInt = 0) {
        var message = tg_jail_message(word: Int32(word.rawValue), value: value, step: 0, code: 0)
        _ = tg_send(control, &message, UInt(MemoryLayout<tg_jail_message>.size))
    }

    /// Takes the next event; blocks until there is one.
    package func next() -> Event {
        if wasReady.withLock({ was in
            defer { was = false }
            return was
        }) {
            return .ready
        }
        while true {
            var message = tg_jail_message()
            var none: CInt = -1
            guard tg_jail_receive(control, &message, &none, 0) >= 0 else { return .ended }
            switch tg_jail_word(UInt32(message.word)) {
            case tg_jail_ready: return .ready
            case tg_jail_stopped: return .stopped(message.value)
            case tg_jail_failed: return .failed(Jail.failure(message, in: plan))
            case tg_jail_not_executed: return .failed(notExecuted(message))
            default: continue
            }
        }
    }

    /// How it ended: the program's exit status, or 128 and the signal that ended it. Once, after `ended`.
    package func status() -> Int32 {
        let status = tg_wait(pid)
        return status < 0 ? 125 : status
    }

    // MARK: What went wrong

    private func notExecuted(_ message: tg_jail_message) -> JailFailure {
        let name = plan.programName
        let reason = IOError.explanation(of: message.code)
        if message.value == 1 {
            return JailFailure(
                "the program cannot begin in \(plan.directory): \(reason)",
                help: "start it in a directory that its account may enter")
        }
        if message.value == 2 { return JailFailure("Landlock refuses the program's rules for files: \(reason)") }
        guard message.code == ENOENT else { return JailFailure("cannot run \(name): \(reason)", status: 126) }
        if let outside = plan.programOutside {
            return JailFailure(
                "\(outside) is in a directory that the jail hides",
                help: "share it read-only: --share \(Paths.parent(outside)):ro", status: 127)
        }
        return JailFailure("\(name): command not found", status: 127)
    }

    private static func failure(_ message: tg_jail_message, in plan: JailPlan) -> JailFailure {
        let reason = IOError.explanation(of: message.code)
        switch tg_jail_stage(UInt32(message.value)) {
        case tg_jail_stage_account: return JailFailure("cannot change the account: \(reason)")
        case tg_jail_stage_namespaces, tg_jail_stage_mapping, tg_jail_stage_second_namespace:
            return Preflight.refusal(of: message.code)
        case tg_jail_stage_step:
            guard plan.steps.indices.contains(Int(message.step)) else { return JailFailure("no jail: \(reason)") }
            let step = plan.steps[Int(message.step)]
            var lacksRules = false
            if case .netlink(.packetRules, _) = step { lacksRules = true }
            return JailFailure(
                "cannot \(step.explanation): \(reason)", help: Preflight.advice(on: step, code: message.code),
                isForLackOfPacketRules: lacksRules)
        case tg_jail_stage_privileges: return JailFailure("cannot give up privileges: \(reason)")
        case tg_jail_stage_landlock: return JailFailure("cannot be scoped by Landlock: \(reason)")
        case tg_jail_stage_filter: return JailFailure("the kernel refuses the system call filter: \(reason)")
        default: return JailFailure("cannot start the program: \(reason)")
        }
    }
}
