import Calls
import Holds
import Names
import System

/// Where questions for names come in on one loop, and where their answers leave.
///
/// Confined to its loop.
struct NameDesk {
    let interception: Interception
    let services: Services
    let dispatcher: Dispatcher
    /// Nil where the kernel does not say.
    let owners: SocketOwners?
    private var names: NameServer { interception.names }
    private var loop: EventLoop { dispatcher.loop }

    /// Between two questions on one connection, and for a question that has begun (RFC 7766 section 6.2.3).
    static let idleTime: Int64 = 10_000
    /// Questions on one connection.
    static let mostQuestions = 1024

    // MARK: Datagrams

    func take(_ bytes: [UInt8], _ back: DatagramSocket.Return) {
        guard let session = session(interception.isShared ? owners?.owner(sendingFrom: back.peer) : nil, back.peer)
        else { return }
        do throws(NameError) {
            let question = try NameQuestion(bytes)
            let limit = question.room ?? NameQuestion.smallRoom
            switch names.reply(to: question, of: session, at: loop.now) {
            case .now(let answer): back.send(answer.bytes(to: question, limit: limit))
            case .none: return
            case .later(let call, let verdict, let record):
                loop.spawn {
                    let answer = await ask(question, call, verdict, record, session)
                    back.send(answer.bytes(to: question, limit: limit))
                }
            }
        } catch {
            if let refusal = NameAnswer.bytes(refusing: error, of: bytes) { back.send(refusal) }
        }
    }

    private func session(_ maker: SocketOwners.Owner?, _ peer: SocketAddress?) -> Session? {
        // Names are nothing yet: who cannot be told is answered, and counted as one of those who prove nothing.
        guard let owner = interception.owner(maker, from: peer) else { return services.sessions.unproven }
        return services.sessions.session(owner.session, account: owner.account)
    }

    // MARK: Connections

    /// Questions one after the other, each with its length in front (RFC 1035 section 4.2.2).
    func serve(_ descriptor: CInt, from peer: SocketAddress?) async {
        guard let socket = try? Socket(owning: descriptor, on: loop) else { return }
        // Questions are redirected in every variant but a jail's, where the address is the one that was asked.
        let maker =
            interception.isShared ? owners?.owner(of: socket.fd, connectedTo: socket.originalDestination) : nil
        guard let session = session(maker, peer) else { return }
        var input: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        do throws(IOError) {
            for _ in 0..<NameDesk.mostQuestions {
                let deadline = loop.now + NameDesk.idleTime
                guard let message = try await message(socket, &input, &buffer, by: deadline) else { return }
                guard let answer = await answer(message, session) else { return }
                let length = [UInt8(truncatingIfNeeded: answer.count >> 8), UInt8(truncatingIfNeeded: answer.count)]
                try await socket.write(length + answer, by: loop.now + NameDesk.idleTime)
            }
        } catch {
            return
        }
    }

    private func message(
        _ socket: Socket, _ input: inout [UInt8], _ buffer: inout [UInt8], by deadline: Int64
    ) async throws(IOError) -> [UInt8]? {
        while true {
            if input.count >= 2 {
                let length = Int(input[0]) << 8 | Int(input[1])
                // As with datagrams: no question is longer.
                guard length <= DatagramSocket.longest else { return nil }
                if input.count >= length + 2 {
                    defer { input.removeFirst(length + 2) }
                    return Array(input[2..<length + 2])
                }
            }
            if input.isEmpty { try await socket.idle(by: deadline) }
            let count = try await socket.read(&buffer, by: deadline)
            guard count > 0 else { return nil }
            input += buffer.prefix(count)
        }
    }

    private func answer(_ bytes: [UInt8], _ session: Session) async -> [UInt8]? {
        do throws(NameError) {
            let question = try NameQuestion(bytes)
            switch names.reply(to: question, of: session, at: loop.now) {
            case .now(let answer): return answer.bytes(to: question, limit: nil)
            case .none: return nil
            case .later(let call, let verdict, let record):
                return await ask(question, call, verdict, record, session).bytes(to: question, limit: nil)
            }
        } catch {
            return NameAnswer.bytes(refusing: error, of: bytes)
        }
    }

    // MARK: Asking others

    /// A question that a rule lets pass, on the way of every call: admitted, sent by the permit, journalled.
    private func ask(
        _ question: NameQuestion, _ call: Call, _ verdict: Verdict, _ record: Record, _ session: Session
    ) async -> NameAnswer {
        defer { names.finish() }
        do throws(CallFailure) {
            let answer = try await dispatcher.ask(try await permit(call, verdict, record))
            record.outcome = .answered(status: 200, received: UInt64(answer.records.count))
            services.journal.close(record)
            session.count(record)
            return answer
        } catch {
            names.close(record, error, of: session)
            if case .unanswered(.failed) = error { return NameAnswer(.failed) }
            return NameAnswer(.refused)
        }
    }

    private func permit(
        _ call: Call, _ verdict: Verdict, _ record: Record
    ) async throws(CallFailure) -> Permit {
        do throws(GateFailure) {
            switch try await services.gate.admit(call, verdict, record) {
            case .now(let permit): return permit
            // The verdict says that it passes.
            case .held(let held): throw .blocked(reason: held.verdict.reason)
            }
        } catch {
            throw .gate(error)
        }
    }
}
