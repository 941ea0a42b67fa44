import JSON
import Jail

extension Command {
    /// Inside the jail of `doctor --escape`.
    static let escapeAttempts = Command(
        name: "escape-attempts", summary: "try to get out of the jail that this runs in",
        options: EscapeExamination.options(of: .init()).map {
            Option(name: "--\($0.0)", value: "VALUE", help: "what was laid out outside")
        },
        examples: [], isHidden: true,
        run: { invocation in
            let terminal = invocation.terminal
            var results: [EscapeAttempts.Result] = []
            EscapeAttempts.make(EscapeExamination.bait(invocation)) { result in
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
        })
}
