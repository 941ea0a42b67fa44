import Calls
import JSON

/// A pack proposed from what a service says of itself.
package enum RuleImport: String, Sendable, CaseIterable {
    case openAPI = "openapi"
    case mcp
    case escalateMD = "escalate-md"

    package struct Options: Sendable {
        /// The pack's name; nil: as the document is called.
        package var pack: String?
        /// Hosts for a description that names none.
        package var hosts: [String]
        /// The name that the site has for a server of the Model Context Protocol; nil: the pack's.
        package var server: String?
        /// Annotations may lower.
        package var trustsAnnotations: Bool

        package init(
            pack: String? = nil, hosts: [String] = [], server: String? = nil, trustsAnnotations: Bool = false
        ) {
            self.pack = pack
            self.hosts = hosts
            self.server = server
            self.trustsAnnotations = trustsAnnotations
        }
    }

    /// Why there is no pack.
    package struct Refusal: Error {
        package let diagnostics: [Diagnostic]
    }

    /// The text of a pack, which is loaded as it is.
    package func pack(from source: RuleSource, _ options: Options) throws(Refusal) -> String {
        var reader = ImportSource(self == .escalateMD ? EscalateImport.settings(in: source) : source)
        let draft: PackDraft? =
            switch self {
            case .openAPI: OpenAPIImport.draft(&reader, options)
            case .mcp: MCPImport.draft(&reader, options)
            case .escalateMD: EscalateImport.draft(&reader, options)
            }
        guard let draft, !reader.yaml.hasErrors else { throw Refusal(diagnostics: reader.yaml.diagnostics) }
        let text = draft.text
        // What was proposed is read back: a draft that does not load is refused here and not by whoever uses it.
        let name = "the proposed pack"
        let (set, diagnostics) = RuleSet.load(
            [RuleSource(path: name, bytes: Array(text.utf8))], digest: "", now: Timestamp(milliseconds: 0))
        guard set != nil else { throw Refusal(diagnostics: diagnostics.filter { $0.severity == .error }) }
        return text
    }
}
