import Calls
import JSON
import Rules
import Wire

/// What calls are read with, as settings say it.
extension SettingsReader {
    mutating func servers(_ node: YAMLNode) -> [Settings.Server]? {
        guard case .mapping(let members) = node.content else {
            yaml.report(
                .wrongKind, "inspection.mcp_servers must be a mapping of names to places", at: node.span,
                help: Self.serverExample)
            return nil
        }
        let servers = members.compactMap { member -> Settings.Server? in
            guard let place = yaml.text(member.value, "inspection.mcp_servers") else { return nil }
            if let value = MCPServer(member.key, at: place) {
                return Settings.Server(name: member.key.string, place: place.string, value: value)
            }
            yaml.report(
                .badValue, "\(visible(member.key.string)) cannot be a server at \(visible(place.string))",
                at: member.keySpan, help: Self.serverExample)
            return nil
        }
        return servers.count == members.count ? servers : nil
    }

    static let serverExample =
        "for example {files: tools.test:8443/files}: letters, digits, dots, dashes and underscores, and a place without"
        + " a query"
}
