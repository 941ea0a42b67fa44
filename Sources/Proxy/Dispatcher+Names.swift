import Calls
import Crypto
import Holds
import Names
import System

/// Questions for names that leave.
extension Dispatcher {
    /// Spends the permit, and asks this machine's name servers in the words that were judged.
    func ask(_ permit: consuming Permit) async throws(CallFailure) -> NameAnswer {
        let call: Call
        do throws(PermitFailure) {
            call = try permit.spend(
                at: services.now(), under: services.rules.digest, heeding: services.gate.killSwitch)
        } catch {
            throw .permit(error)
        }
        guard case .dns(let name, let typeName)? = call.operations.first, let name = DomainName(name),
            let type = RecordType(typeName)
        else { throw .unanswered(.failed("the question has no reading")) }
        let id = UInt16(truncatingIfNeeded: SecureRandom.word())
        var answer: NameAnswer?
        do throws(IOError) {
            _ = try await services.nameClient.answer(
                to: NameQuestion.write(name, type, id: id), on: loop, by: loop.now + NameServer.askTime
            ) { bytes in
                // What has no reading may be anybody's.
                guard let read = try? NameAnswer.read(bytes, to: name, type, id: id) else { return .other }
                answer = read.answer
                return read.isTruncated ? .truncated : .answer
            }
        } catch {
            throw .unanswered(.failed("\(error)"))
        }
        return answer ?? NameAnswer(.failed)
    }
}
