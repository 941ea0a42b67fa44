/// Completion scripts, made from the table of commands.
enum CompletionScript {
    static let shells = ["bash", "zsh", "fish"]

    static func text(for shell: String) -> String? {
        switch shell {
        case "bash": bash
        case "zsh": zsh
        case "fish": fish
        default: nil
        }
    }

    private static var commands: [Command] { Command.all.filter { !$0.isHidden } }

    /// First words with what to say about them: a group once.
    private static var firstWords: [(word: String, summary: String)] {
        commands.reduce(into: []) { words, command in
            let word = command.group ?? command.name
            guard !words.contains(where: { $0.word == word }) else { return }
            let members = commands.filter { $0.group == word }.map { $0.name.dropFirst(word.count + 1) }
            words.append((word, members.isEmpty ? command.summary : members.joined(separator: ", ")))
        }
    }

    private static func secondWords(of group: String) -> [(word: String, summary: String)] {
        commands.filter { $0.group == group }.map { (String($0.name.dropFirst(group.count + 1)), $0.summary) }
    }

    private static var groups: [String] {
        firstWords.map(\.word).filter { word in commands.contains { $0.group == word } }
    }

    // MARK: bash

    private static var bash: String {
        func action(_ completion: Command.Completion) -> String {
            switch completion {
            case .none: "COMPREPLY=()"
            case .file: "compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$word\")"
            case .directory: "compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- \"$word\")"
            case .words(let words):
                "mapfile -t COMPREPLY < <(compgen -W \(single(words.joined(separator: " "))) -- \"$word\")"
            case .holds:
                "mapfile -t COMPREPLY < <(compgen -W \"$(tiergate completion ids 2>/dev/null | cut -f1)\" -- \"$word\")"
            }
        }
        var lines = [
            "# bash completion of tiergate: source <(tiergate completion bash)",
            "_tiergate() {",
            "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]-}",
            "    # Bash takes = for a word of its own.",
            "    if [[ $before == = ]]; then before=${COMP_WORDS[COMP_CWORD-2]-}; fi",
            "    if [[ $word == = ]]; then word=; fi",
            "    case $command in \(groups.joined(separator: "|"))) command=\"$command ${COMP_WORDS[2]-}\" ;; esac",
            "    if ((COMP_CWORD == 1)); then",
            "        mapfile -t COMPREPLY < <(compgen -W \(single(firstWords.map(\.word).joined(separator: " "))) -- \"$word\")",
            "        return",
            "    fi",
        ]
        for group in groups {
            let words = secondWords(of: group).map(\.word).joined(separator: " ")
            lines += [
                "    if ((COMP_CWORD == 2)) && [[ ${COMP_WORDS[1]} == \(group) ]]; then",
                "        mapfile -t COMPREPLY < <(compgen -W \(single(words)) -- \"$word\")",
                "        return",
                "    fi",
            ]
        }
        lines.append("    case $command in")
        for command in commands {
            lines.append("    \(single(command.name)))")
            lines.append("        case $before in")
            for option in command.allOptions where option.value != nil {
                lines.append("        \(option.name)) \(action(option.completion)); return ;;")
            }
            lines.append("        esac")
            lines.append("        if [[ $word == -* ]]; then")
            let names = command.allOptions.map(\.name).joined(separator: " ")
            lines.append("            mapfile -t COMPREPLY < <(compgen -W \(single(names)) -- \"$word\")")
            lines.append("            return")
            lines.append("        fi")
            lines.append("        \(action(command.operands.last?.completion ?? .none))")
            lines.append("        ;;")
        }
        lines += ["    esac", "}", "complete -F _tiergate tiergate"]
        return lines.joined(separator: "\n")
    }

    // MARK: zsh

    private static var zsh: String {
        func described(_ words: [(word: String, summary: String)]) -> String {
            words.map { single("\($0.word):\($0.summary)") }.joined(separator: " ")
        }
        func action(_ completion: Command.Completion) -> String {
            switch completion {
            case .none: " "
            case .file: "_files"
            case .directory: "_files -/"
            case .words(let words): "(\(words.joined(separator: " ")))"
            case .holds: "_tiergate_holds"
            }
        }
        func bracketed(_ text: String) -> String {
            text.replacing("\\", with: "\\\\").replacing("[", with: "\\[").replacing("]", with: "\\]")
                .replacing(":", with: "\\:")
        }
        var lines = [
            "#compdef tiergate",
            "# zsh completion of tiergate: source <(tiergate completion zsh)",
            "_tiergate_holds() {",
            "    local -a holds",
            "    holds=(${(f)\"$(tiergate completion ids 2>/dev/null | tr '\\t' ':')\"})",
            "    _describe hold holds",
            "}",
            "_tiergate() {",
            "    local -a words_here",
            "    if ((CURRENT == 2)); then",
            "        words_here=(\(described(firstWords)))",
            "        _describe command words_here",
            "        return",
            "    fi",
            "    local command=$words[2] skip=1",
            "    case $command in",
        ]
        for group in groups {
            lines += [
                "    \(group))",
                "        if ((CURRENT == 3)); then",
                "            words_here=(\(described(secondWords(of: group))))",
                "            _describe command words_here",
                "            return",
                "        fi",
                "        command=\"$command $words[3]\" skip=2",
                "        ;;",
            ]
        }
        lines += [
            "    esac",
            "    shift $skip words",
            "    ((CURRENT -= skip))",
            "    case $command in",
        ]
        for command in commands {
            let options = command.allOptions.map { option in
                let value = option.value.map { ":\(bracketed($0)):\(action(option.completion))" } ?? ""
                let repeats = option.repeats ? "*" : ""
                return single("\(repeats)\(option.name)[\(bracketed(option.help))]\(value)")
            }
            let operands = command.operands.map { operand in
                single("\(operand.repeats ? "*" : ""):\(bracketed(operand.name)):\(action(operand.completion))")
            }
            lines.append("    \(single(command.name))) _arguments \((options + operands).joined(separator: " ")) ;;")
        }
        lines += [
            "    esac",
            "}",
            "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _tiergate \"$@\"; else compdef _tiergate tiergate; fi",
        ]
        return lines.joined(separator: "\n")
    }

    // MARK: fish

    private static var fish: String {
        func action(_ completion: Command.Completion) -> String {
            switch completion {
            case .none: ""
            case .file: " -F"
            case .directory: " -a '(__fish_complete_directories)'"
            case .words(let words): " -a \(single(words.joined(separator: " ")))"
            case .holds: " -a '(tiergate completion ids 2>/dev/null)'"
            }
        }
        var lines = [
            "# fish completion of tiergate: tiergate completion fish | source",
            "complete -c tiergate -f",
        ]
        for (word, summary) in firstWords {
            lines.append("complete -c tiergate -n __fish_use_subcommand -a \(word) -d \(fishQuoted(summary))")
        }
        for group in groups {
            let words = secondWords(of: group)
            for (word, summary) in words {
                let isNext =
                    "__fish_seen_subcommand_from \(group); and not __fish_seen_subcommand_from "
                    + words.map(\.word).joined(separator: " ")
                lines.append("complete -c tiergate -n '\(isNext)' -a \(word) -d \(fishQuoted(summary))")
            }
        }
        for command in commands {
            let isHere = command.name.split(separator: " ").map { "__fish_seen_subcommand_from \($0)" }
                .joined(separator: "; and ")
            for option in command.allOptions {
                let value = option.value == nil ? "" : " -r" + action(option.completion)
                lines.append(
                    "complete -c tiergate -n '\(isHere)' -l \(option.name.dropFirst(2)) -d \(fishQuoted(option.help))\(value)"
                )
            }
            if let operand = command.operands.last, !action(operand.completion).isEmpty {
                lines.append("complete -c tiergate -n '\(isHere)'\(action(operand.completion))")
            }
        }
        return lines.joined(separator: "\n")
    }

    private static func single(_ text: String) -> String { Shell.sh.quoted(text) }

    private static func fishQuoted(_ text: String) -> String { Shell.fish.quoted(text) }
}
