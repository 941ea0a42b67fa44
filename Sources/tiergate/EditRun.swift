import Calls
import Glibc
import JSON
import Operators
import System

/// One run of edit: what is to change, out of the options or out of an editor, and the order to the gate.
struct EditRun {
    let invocation: Invocation

    /// Why nothing was changed before the gate was asked to.
    private struct Stop: Error {
        let status: ExitStatus
        let message: String
        var help: String?
    }

    func run() -> ExitStatus {
        let given: CallEdit?
        do throws(Stop) {
            given = try edit()
        } catch {
            return invocation.fail(error.status, error.message, help: error.help)
        }
        if let given {
            return DecisionRun(invocation: invocation, action: .edit) { gate, id, digest throws(OperatorFailure) in
                try gate.edit(id, digest: digest, given)
            }.run()
        }
        return invocation.asking { gate throws(OperatorFailure) in
            let hold = try gate.hold(invocation.operands.first ?? "").hold
            let draft = try gate.draft(of: hold.id)
            do throws(Stop) {
                let edit = try edited(draft)
                return DecisionRun(invocation: invocation, action: .edit) { gate, id, _ throws(OperatorFailure) in
                    // Bound to what was opened, however long the editor took.
                    try gate.edit(id, digest: hold.digest, edit)
                }.run()
            } catch {
                return invocation.fail(error.status, error.message, help: error.help)
            }
        }
    }

    // MARK: Options

    /// Nil where no option says what to change.
    private func edit() throws(Stop) -> CallEdit? {
        var edit = CallEdit()
        edit.values = try pairs("--set").map { ($0, $1) }
        edit.form = try pairs("--field").map { FormEdit(Text($0), to: Text($1)) }
        edit.headers = try pairs("--header").map { ($0, $1) }
        if let path = invocation.value("--patch") { edit.patch = try patch(path) }
        let isEmpty = edit.patch == nil && edit.values.isEmpty && edit.form.isEmpty && edit.headers.isEmpty
        return isEmpty ? nil : edit
    }

    private func pairs(_ option: String) throws(Stop) -> [(String, String)] {
        try invocation.values(option).map { text throws(Stop) in
            // A path may have = in a quoted key; a value may have it anywhere.
            let start =
                text.hasPrefix("[\"") ? text.firstRange(of: "\"]")?.upperBound ?? text.startIndex : text.startIndex
            guard let mark = text[start...].firstIndex(of: "=") else {
                throw Stop(
                    status: .usage, message: "\(option) \(visible(text)) has no =", help: "write \(option) name=value")
            }
            return (String(text[..<mark]), String(text[text.index(after: mark)...]))
        }
    }

    private func patch(_ path: String) throws(Stop) -> JSONPatch {
        let bytes: [UInt8]
        do throws(IOError) {
            bytes = try Files.read(path, limit: Draft.limit)
        } catch {
            throw Stop(status: .failed, message: "\(path) cannot be read: \(error)")
        }
        do {
            return try JSONPatch(try JSONDocument.parse(bytes).root)
        } catch {
            throw Stop(
                status: .failed, message: "\(path) is no JSON Patch: \(error)",
                help: "[{\"op\": \"replace\", \"path\": \"/amount\", \"value\": 1500}]")
        }
    }

    // MARK: The editor

    private func edited(_ draft: Draft) throws(Stop) -> CallEdit {
        guard !invocation.isJSON, isatty(STDIN_FILENO) == 1 else {
            throw Stop(
                status: .usage, message: "nothing says what to change", help: "use --set, --field, --header or --patch")
        }
        let environment = invocation.terminal.environment
        let editor = [environment["VISUAL"], environment["EDITOR"]].compactMap { $0 }.first { !$0.isEmpty } ?? "vi"
        let changed = try open(draft, in: editor)
        guard changed != draft.text else { throw Stop(status: .failed, message: "nothing was changed in the editor") }
        do throws(CallEditFailure) {
            return try draft.edit(to: changed)
        } catch {
            throw Stop(status: .failed, message: "the call was not changed: \(error)")
        }
    }

    /// In a directory that only this account reads; it is gone afterwards.
    private func open(_ draft: Draft, in editor: String) throws(Stop) -> String {
        let status: Int32
        let text: String
        do throws(IOError) {
            let directory = try Files.makeTemporaryDirectory("tiergate-edit", in: "/tmp")
            defer { Files.remove(directory) }
            let file = "\(directory)/body.\(draft.format == .json ? "json" : "txt")"
            try Files.replace(file, with: Array(draft.text.utf8), mode: 0o600)
            // The variable may have words of its own (`code --wait`); the shell splits them.
            status = try ChildProcess("/bin/sh", ["-c", "exec \(editor) \"$1\"", "sh", file]).wait()
            text = String(decoding: try Files.read(file, limit: 4 * Draft.limit), as: UTF8.self)
        } catch {
            throw Stop(status: .failed, message: "the editor did not give the body back: \(error)", help: "set $EDITOR")
        }
        guard status == 0 else {
            throw Stop(status: .failed, message: "\(editor) ended with \(status), and nothing was changed")
        }
        return text
    }
}
