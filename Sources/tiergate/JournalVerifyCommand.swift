import Audit
import Calls
import Holds
import JSON
import Rules
import Stores

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

            The gate notes how far it has written beside the journal and, at most once a second and when it ends, in its \
            hold store, so a cut is found as well; of a gate that was killed the store may lack the last two seconds. \
            Whoever can rewrite the whole state directory can rewrite both: keep the head that this command prints \
            somewhere else, and hand it in with --head later.

            Files that the setting journal.keep had the gate remove are no finding, because the journal itself says how \
            far it removed them; any other that is missing, renamed or swapped is one.
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
                let (report, mark) = try JournalEvidence.verify(directory, expecting: expected)
                invocation.isJSON
                    ? printJSON(report, mark, directory, invocation) : print(report, mark, directory, invocation)
                return report.isIntact ? .ok : .failed
            } catch {
                return invocation.fail(.failed, error.description)
            }
        })
}

/// What the state directory knows of its journal, put together.
enum JournalEvidence {
    /// What the hold store beside the journal says.
    enum Mark {
        case known(JournalHead)
        /// There is no store, or it knows of no journal.
        case none
        case unreadable(String)
    }

    static func verify(
        _ directory: String, expecting expected: [JournalHead] = []
    ) throws(JournalFailure) -> (JournalVerifier.Report, Mark) {
        // Before the lines: a gate that writes meanwhile only comes further.
        let mark = mark(beside: directory)
        guard case .known(let head) = mark else {
            return (try JournalVerifier.verify(directory, expecting: expected), mark)
        }
        return (try JournalVerifier.verify(directory, expecting: expected, mark: head), mark)
    }

    private static func mark(beside directory: String) -> Mark {
        do throws(StoreFailure) {
            return try JournalMark.read(state: "\(directory)/..").map {
                .known(JournalHead(seq: $0.seq, hash: $0.hash))
            }
                ?? .none
        } catch {
            switch error {
            case .unavailable(let reason), .damaged(let reason): return .unreadable(reason)
            case .impossible: return .none
            }
        }
    }
}

private func print(
    _ report: JournalVerifier.Report, _ mark: JournalEvidence.Mark, _ directory: String, _ invocation: Invocation
) {
    let terminal = invocation.terminal
    for finding in report.findings { terminal.print("\(terminal.styled(finding.code, .red)) \(finding)") }
    if report.omitted > 0 { terminal.print("… and \(report.omitted) more findings") }
    let read = "\(directory): \(report.lines) lines in \(report.files) \(report.files == 1 ? "file" : "files")"
    let judgement = report.isIntact ? terminal.styled("intact", .green) : terminal.styled("not intact", .red)
    terminal.print("\(read), \(judgement)")
    if let head = report.head { terminal.print("head \(head)") }
    if let pruned = report.pruned { terminal.print("lines 1 to \(pruned.seq) were removed as journal.keep says") }
    if let earlier = report.begunAfter {
        terminal.print("begun anew: the store knew an earlier journal up to line \(earlier.seq)")
    }
    switch mark {
    case .known(let head): terminal.print("the hold store knows line \(head.seq)")
    case .none: terminal.print("no hold store knows this journal: a cut together with its note would not be found")
    case .unreadable(let reason): terminal.print("the hold store cannot be asked: \(reason)")
    }
}

private func printJSON(
    _ report: JournalVerifier.Report, _ mark: JournalEvidence.Mark, _ directory: String, _ invocation: Invocation
) {
    invocation.terminal.print(
        json: JSONWriter.object { document in
            document.field("directory", directory)
            document.field("intact", report.isIntact)
            document.field("files", report.files)
            document.field("lines", report.lines)
            document.field("head", report.head?.description)
            document.field("pruned", report.pruned?.description)
            document.field("begun_after", report.begunAfter?.description)
            if case .known(let head) = mark {
                document.field("store", head.description)
            } else {
                document.null("store")
            }
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
