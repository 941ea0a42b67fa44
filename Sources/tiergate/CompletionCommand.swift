import Operators

extension Command {
    static let completion = Command(
        name: "completion", summary: "print a script that completes commands, options and hold ids in your shell",
        operands: [
            Operand(name: "SHELL", help: "bash, zsh or fish", completion: .words(CompletionScript.shells))
        ],
        examples: [
            Example("source <(tiergate completion bash)", "in ~/.bashrc"),
            Example("source <(tiergate completion zsh)", "in ~/.zshrc, after compinit"),
            Example("tiergate completion fish | source", "in ~/.config/fish/config.fish"),
        ],
        run: { invocation in
            let shell = invocation.operands.first ?? ""
            guard let script = CompletionScript.text(for: shell) else {
                return invocation.fail(
                    .usage, "no completion for \(shell)",
                    help: "it is one of \(CompletionScript.shells.joined(separator: ", "))")
            }
            invocation.terminal.print(script)
            return .ok
        })

    /// What the scripts ask while somebody types: an id and what it is about, a line each.
    static let completionIDs = Command(
        name: "completion ids", summary: "list holds for a completion script", options: [.socket],
        examples: [], isHidden: true,
        run: { invocation in
            do throws(OperatorFailure) {
                for hold in try invocation.gate.holds(states: unfinished + ["rejected"]).holds {
                    invocation.terminal.print("\(hold.id)\t\(hold.state): \(hold.summaries.first ?? hold.target)")
                }
                return .ok
            } catch {
                // Nobody to tell: the shell shows nothing.
                return .unreachable
            }
        })
}
