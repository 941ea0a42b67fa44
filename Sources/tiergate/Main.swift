import Glibc

@main
struct Main {
    static func main() {
        let terminal = Terminal(.current())
        let parser = ArgumentParser(commands: Command.all, terminal: terminal)
        let words = Array(CommandLine.arguments.dropFirst())
        let status: ExitStatus
        do throws(UsageError) {
            switch try parser.parse(words) {
            case .run(let invocation): status = invocation.command.run(invocation)
            case .help(let command): status = Help(terminal).show(command)
            case .overview(let group): status = Help(terminal).show(group: group)
            }
        } catch {
            terminal.fail(error.message, help: error.help)
            status = .usage
        }
        exit(status.rawValue)
    }
}
