import JSON
import Rules

/// The keys that say who speaks for whom, and whose keys count.
extension Setting {
    static let operators: [Setting] = [
        Setting(
            path: "operators.groups", value: "FILE",
            reason:
                "Who speaks for the groups that rules name under approvers: {groups: {finance: [ada, bob, uid:1002]}}."
                + " Whom it names may decide what his group is asked for, also outside of operator.group. Groups that it"
                + " does not have are the system's. Read again at SIGHUP. none: whoever may decide speaks for every"
                + " group.",
            completion: .file,
            read: { node, reader, settings in
                reader.pathOrNone(node, "operators.groups").map { settings.operatorGroups = $0 }
            },
            written: { [$0.operatorGroups ?? "none"] }),
        Setting(
            path: "operators.allowed_signers", value: "FILE",
            reason:
                "Names and public keys of those who sign decisions (ssh-keygen(1), ALLOWED SIGNERS); a name is an account's,"
                + " or signer:NAME in operators.groups. Read at each signature. none: nothing is signed, and what must"
                + " be cannot be approved.",
            completion: .file,
            read: { node, reader, settings in
                reader.pathOrNone(node, "operators.allowed_signers").map { settings.allowedSigners = $0 }
            },
            written: { [$0.allowedSigners ?? "none"] }),
    ]
}

extension SettingsReader {
    /// `.some(nil)` for `none`.
    fileprivate mutating func pathOrNone(_ node: YAMLNode, _ what: String) -> String?? {
        if case .scalar(let text, _) = node.content, text == "none" { return .some(nil) }
        return path(node, what).map { .some($0) }
    }
}
