import Calls
import Crypto
import JSON
import Proxy
import Rules
import System

extension Command {
    static let rulesGrant = Command(
        name: "rules grant", summary: "let a pack claim the hosts and servers that it declares",
        operands: [
            Operand(name: "PACK", help: "the name of a pack, or `all`"), ruleDirectories,
        ],
        options: [
            Option(name: "--own", help: "the site writes this pack itself: no new grant after each change"), .config,
        ],
        details: """
            A pack that is not granted can only raise: its rules silence no fallback, and a call that only they match is \
            still treated as unmatched. Granting writes the digest of the pack's file into GRANTS beside the rules; a file \
            that changes has to be granted again. Where there is no GRANTS, whoever put a pack there is taken to mean it: the \
            first grant makes the list, and packs that are not in it no longer claim.
            """,
        examples: [
            Example("tiergate rules grant stripe", "after reading what the pack says"),
            Example("tiergate rules grant --own acme /etc/tiergate/rules", "for rules of your own"),
            Example("tiergate rules grant all rules/", "for a directory you have reviewed as a whole"),
        ],
        run: { invocation in
            let pack = invocation.operands[0]
            return invocation.withSoundRules(Array(invocation.operands.dropFirst())) { set, rules -> ExitStatus in
                let wanted = set.claims.filter { pack == "all" || $0.pack == pack }
                guard !wanted.isEmpty else {
                    let meant = suggestion(for: pack, among: set.claims.map(\.pack)).map { "did you mean \($0)?" }
                    return invocation.fail(.failed, "there is no pack \(visible(pack))", help: meant)
                }
                do throws(IOError) {
                    for claim in wanted {
                        let entry = try grant(
                            claim.file, among: rules.directories, isOwn: invocation.has("--own"))
                        let declares = claim.declares.isEmpty ? "every host" : claim.declares.joined(separator: ", ")
                        invocation.terminal.print("\(claim.pack) may claim \(visible(declares, limit: 400)) (\(entry))")
                    }
                    return .ok
                } catch {
                    return invocation.fail(.failed, "cannot write the grant: \(error)")
                }
            }
        })

    /// Writes one grant; the file it is in.
    private static func grant(
        _ file: String, among directories: [String], isOwn: Bool
    ) throws(IOError) -> String {
        // The list that decides is that of the directory by which the file was found.
        let found = directories.first { file == $0 || file.hasPrefix($0.hasSuffix("/") ? $0 : "\($0)/") } ?? file
        let base = found == file ? String(file.prefix(through: "/")) : found.hasSuffix("/") ? found : "\(found)/"
        var (grants, directory) = try RuleFiles.grants(for: found) ?? (Grants([]), base)
        let basis: Grants.Basis = isOwn ? .own : .digest(SHA256.digest(try Files.read(file)).description)
        grants.grant(String(file.dropFirst(directory.count)), basis)
        let list = directory + Grants.fileName
        try Files.replace(list, with: grants.bytes)
        return list
    }
}

extension String {
    /// All up to the last of these, with it; nothing where there is none.
    fileprivate func prefix(through mark: Character) -> Substring {
        lastIndex(of: mark).map { self[...$0] } ?? ""
    }
}
