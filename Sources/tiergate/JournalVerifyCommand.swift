import Audit
import Calls
import JSON
import Rules

extension Command {
    static let journalVerify = Command(
        name: "journal verify", summary: "check that nobody edited, removed, swapped or cut the journal's lines",
        operands: [
            Operand(
                name: "DIR", help: "the journal's directory; without it, `journal` in the state directory",
                isRequired: false, completion: .directory)
        ],
        options: [
            .config,
            Option(
                name: "--head", value: "SEQ:HASH",
                help: "a line that the journal must contain, as an earlier run printed it; may be repeated",
                repeats: true),
        ],
        details: """
            Reads every line, recomputes its hash and follows the chain from the first line to the last. Each line that \
            the gate did not write so is named with its file, line and number. Works on a journal that a gate is \
            writing, and needs no gate.

            The gate notes how far it has written beside the journal, so a cut is found as well. Whoever can rewrite \
            the whole directory can rewrite that note: keep the head that this command prints somewhere else, and hand \
            it in with --head later.
            """,
        examples: [
            Example("tiergate journal verify", "checks the journal of your own gate and prints its head"),
            Example(
                "tiergate journal verify /var/lib/tiergate/journal --head 812:9c1f…",
                "checks a journal, and that line 812 is still the one it was"),
            Example("tiergate journal verify --json | jq .findings", "what is wrong, for another program"),
        ],
        run: { invocation in
            var expected: [JournalHead] = []
            for text in invocation.values("--head") {
                guard let head = JournalHead(text) else {
                    return invocation.fail(
                        .usage, "\(visible(text)) is no head", help: "a number, a colon and 64 hexadecimal digits")
                }
                expected.append(head)
            }
            let directory: String
            do throws(Settings.Refusal) {
                if let given = invocation.operands.first {
                    directory = given
                } else {
                    directory = try Settings.load(invocation).journalDirectory
                }
            } catch {
                return invocation.fail(error)
            }
            do throws(JournalFailure) {
                let report = try JournalVerifier.verify(directory, expecting: expected)
                invocation.isJSON ? printJSON(report, directory, invocation) : print(report, directory, invocation)
                return report.isIntact ? .ok : .failed
            } catch {
                return invocation.fail(.failed, error.description)
            }
        })
}

private func print(_ report: JournalVerifier.Report, _ directory: String, _ invocation: Invocation) {
    let terminal = invocation.terminal
    for finding in report.findings { terminal.print("\(terminal.styled(finding.code, .red)) \(finding)") }
    if report.omitted > 0 { terminal.print("… and \(report.omitted) more findings") }
    let read = "\(directory): \(report.lines) lines in \(report.files) \(report.files == 1 ? "file" : "files")"
    let judgement = report.isIntact ? terminal.styled("intact", .green) : terminal.styled("not intact", .red)
    terminal.print("\(read), \(judgement)")
    if let head = report.head { terminal.print("head \(head)") }
}

private func printJSON(_ report: JournalVerifier.Report, _ directory: String, _ invocation: Invocation) {
    invocation.terminal.print(
        json: JSONWriter.object { document in
            document.field("directory", directory)
            document.field("intact", report.isIntact)
            document.field("files", report.files)
            document.field("lines", report.lines)
            document.field("head", report.head?.description)
            document.array("findings") { array in
                for finding in report.findings {
                    array.object {
                        $0.field("code", finding.code)
                        $0.field("file", finding.file)
                        $0.field("line", finding.line)
                        if let seq = finding.seq { $0.field("seq", seq) } else { $0.null("seq") }
                        $0.field("what", finding.what)
                    }
                }
            }
            document.field("omitted", report.omitted)
        })
}
