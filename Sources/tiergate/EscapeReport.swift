import JSON
import Jail

/// Attempts that are made here and now, and what came of them.
enum EscapeReport {
    /// Prints each as it is made; fails where one is open.
    static func make(_ bait: EscapeAttempts.Bait, _ invocation: Invocation) -> ExitStatus {
        let terminal = invocation.terminal
        var results: [EscapeAttempts.Result] = []
        EscapeAttempts.make(bait) { result in
            results.append(result)
            guard !invocation.isJSON else { return }
            let word = result.isOpen ? terminal.styled("OPEN  ", .red) : terminal.styled("closed", .green)
            terminal.print("\(word)  \(result.name): \(result.reason)")
        }
        let open = results.count(where: \.isOpen)
        if invocation.isJSON {
            terminal.print(
                json: JSONWriter.object { document in
                    document.field("attempts", results.count)
                    document.field("open", open)
                    document.array("results") { array in
                        for result in results {
                            array.object {
                                $0.field("attempt", result.name)
                                $0.field("open", result.isOpen)
                                $0.field("reason", result.reason)
                            }
                        }
                    }
                })
        } else {
            terminal.print("\(results.count) attempts, \(open) open")
        }
        return open == 0 ? .ok : .failed
    }
}
