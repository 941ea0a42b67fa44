import Testing

@testable import tiergate

@Suite struct ArgumentParserTests {
    private func parse(_ words: String...) throws -> ArgumentParser.Request {
        let terminal = Terminal(Environment([:], executable: "/usr/bin/tiergate"))
        return try ArgumentParser(commands: Command.all, terminal: terminal).parse(words)
    }

    private func invocation(_ words: String...) throws -> Invocation {
        let terminal = Terminal(Environment([:], executable: "/usr/bin/tiergate"))
        let request = try ArgumentParser(commands: Command.all, terminal: terminal).parse(words)
        guard case .run(let invocation) = request else {
            throw UsageError(message: "not a command to run", help: "")
        }
        return invocation
    }

    @Test("options come before or after operands, with = or a word of their own")
    func options() throws {
        let a = try invocation("journal", "verify", "--head=1:ab", "dir", "--head", "2:cd", "--json")
        #expect(a.command.name == "journal verify")
        #expect(a.operands == ["dir"])
        #expect(a.values("--head") == ["1:ab", "2:cd"])
        #expect(a.isJSON)
        #expect(try !invocation("journal", "verify").isJSON)
    }

    @Test("after -- nothing is an option")
    func end() throws {
        let a = try invocation("journal", "verify", "--", "--json")
        #expect(a.operands == ["--json"])
        #expect(!a.isJSON)
        #expect(try invocation("journal", "verify", "-").operands == ["-"])
        let run = try invocation("run", "--session", "x", "--", "true", "--session", "--", "y")
        #expect(run.operands == ["true", "--session", "--", "y"])
        #expect(run.values("--session") == ["x"])
    }

    @Test(
        "what is asked for help gets help, never an action",
        arguments: [["journal", "verify", "--help"], ["journal", "verify", "x", "-h"]])
    func help(words: [String]) throws {
        let terminal = Terminal(Environment([:], executable: ""))
        guard case .help(let command) = try ArgumentParser(commands: Command.all, terminal: terminal).parse(words)
        else {
            Issue.record("no help")
            return
        }
        #expect(command.name == "journal verify")
    }

    @Test("nothing, --help and a group alone give a list")
    func overview() throws {
        for words in [[], ["--help"], ["-h"]] {
            let terminal = Terminal(Environment([:], executable: ""))
            guard
                case .overview(group: nil) = try ArgumentParser(commands: Command.all, terminal: terminal).parse(words)
            else {
                Issue.record("\(words): no list")
                return
            }
        }
        guard case .overview(group: "journal") = try parse("journal") else {
            Issue.record("no list of the group")
            return
        }
    }

    @Test(
        "what is not in the table is refused with what was probably meant",
        arguments: [
            (["serv"], "there is no command serv", "did you mean serve?"),
            (["journal", "verfy"], "`tiergate journal` has no command verfy", "did you mean verify?"),
            (["journal", "verify", "--jsn"], "`tiergate journal verify` has no option --jsn", "did you mean --json?"),
            (["frobnicate"], "there is no command frobnicate", "`tiergate help` lists the commands"),
            (["version", "--json=1"], "--json takes no value", "usage: tiergate version [options]"),
            (["serve", "--state"], "--state needs a value: --state DIR", "usage: tiergate serve [options]"),
            (["serve", "--state", "a", "--state", "b"], "--state is given twice", "usage: tiergate serve [options]"),
            (["completion"], "SHELL is missing", "usage: tiergate completion SHELL [options]"),
            (["version", "x"], "there is no place for x", "usage: tiergate version [options]"),
            (["run", "true"], "true stands before --", "usage: tiergate run [options] -- COMMAND…"),
            (["run", "true", "--session", "x"], "true stands before --", "usage: tiergate run [options] -- COMMAND…"),
            (["run", "true", "--", "x"], "true stands before --", "usage: tiergate run [options] -- COMMAND…"),
            (["run", "--session", "x"], "COMMAND is missing", "usage: tiergate run [options] -- COMMAND…"),
            (["run", "--"], "COMMAND is missing", "usage: tiergate run [options] -- COMMAND…"),
            (["\u{1B}[2J"], "there is no command ⟨U+001B⟩[2J", "`tiergate help`"),
        ])
    func refused(words: [String], message: String, help: String) throws {
        let terminal = Terminal(Environment([:], executable: ""))
        let error = #expect(throws: UsageError.self) {
            try ArgumentParser(commands: Command.all, terminal: terminal).parse(words)
        }
        #expect(error?.message.hasPrefix(message) == true)
        #expect(error?.help.hasPrefix(help) == true)
    }
}

@Suite struct CommandTableTests {
    @Test("each command has a name of its own, examples that use it, and options in the parser's form")
    func table() {
        #expect(Set(Command.all.map(\.name)).count == Command.all.count)
        for command in Command.all where !command.isHidden {
            #expect(!command.examples.isEmpty, "\(command.name)")
            #expect(command.examples.contains { $0.line.contains("tiergate \(command.name)") }, "\(command.name)")
            #expect(Set(command.allOptions.map(\.name)).count == command.allOptions.count, "\(command.name)")
            #expect(command.allOptions.allSatisfy { $0.name.hasPrefix("--") })
            #expect(command.operands.dropLast().allSatisfy { !$0.repeats }, "\(command.name)")
            #expect(command.name.split(separator: " ").count <= 2)
        }
    }

    @Test("examples of a command are command lines that the parser takes")
    func examples() throws {
        let parser = ArgumentParser(commands: Command.all, terminal: Terminal(Environment([:], executable: "")))
        for command in Command.all {
            for example in command.examples {
                #expect(example.line.contains("tiergate "))
                let words = shellWords(example.line)
                #expect(throws: Never.self, "\(example.line)") { try parser.parse(words) }
            }
        }
    }

    @Test("completion scripts name every command and option", arguments: CompletionScript.shells)
    func completion(shell: String) throws {
        let script = try #require(CompletionScript.text(for: shell))
        for command in Command.all where !command.isHidden {
            for word in command.name.split(separator: " ") { #expect(script.contains(word)) }
            for option in command.options { #expect(script.contains(option.name.dropFirst(2)), "\(option.name)") }
        }
        #expect(CompletionScript.text(for: "tcsh") == nil)
    }
}

/// The words after `tiergate` as a shell would hand them over, up to what it takes for itself (a pipe, a redirection, the
/// end of what stands inside of something).
private func shellWords(_ line: String) -> [String] {
    guard let start = line.firstRange(of: "tiergate ")?.upperBound else { return [] }
    var words: [String] = []
    var word: String?
    var isQuoted = false
    for character in line[start...] {
        if character == "'" {
            isQuoted.toggle()
            word = word ?? ""
        } else if isQuoted {
            word?.append(character)
        } else if "|>&)\"".contains(character) {
            break
        } else if character == " " {
            if let finished = word { words.append(finished) }
            word = nil
        } else {
            word = (word ?? "") + String(character)
        }
    }
    return words + (word.map { [$0] } ?? [])
}
