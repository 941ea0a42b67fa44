import Operators

extension Examination {
    /// Who speaks for groups, and whose keys count, where the settings say so.
    var people: [Check] { [groups, signers].compactMap(\.self) }

    private var groups: Check? {
        guard let file = settings.operatorGroups else { return nil }
        do {
            let groups = try GroupsFile.read(file)
            return .ok("groups", "\(counted(groups.names.count, "group")) in \(file); others are the system's")
        } catch {
            return .failed(
                "groups", "\(error)", help: "a gate does not start with it; one that runs keeps what it has read before"
            )
        }
    }

    private var signers: Check? {
        guard let file = settings.allowedSigners else { return nil }
        if let weakness = SignatureCheck(file: file).weakness {
            return .failed("signers", weakness, help: "until it is mended nothing that must be signed can be let go")
        }
        return .ok("signers", "names and keys are in \(file)")
    }
}
