import JSON
import Proxy
import Rules

/// The keys that say what calls are read with.
extension Setting {
    static let inspection: [Setting] = [
        Setting(
            path: "inspection.limit", value: "SIZE",
            reason: "Bodies up to this size are read into memory and judged by what they say.",
            read: { node, reader, settings in
                reader.size(node, "inspection.limit", in: 1 << 10...1 << 28).map { settings.inspectionLimit = $0 }
            },
            written: { [Size.spelling($0.inspectionLimit)] }),
        Setting(
            path: "inspection.descriptors", value: "FILE",
            reason:
                "Descriptor sets of gRPC services (protoc --include_imports -o FILE), read at start and on SIGHUP: rules"
                + " see what messages say, and methods that no set describes are tier 3 at least.",
            shape: .list, completion: .file,
            read: { node, reader, settings in
                reader.paths(node, "inspection.descriptors").map { settings.inspectionDescriptors = $0 }
            },
            written: { $0.inspectionDescriptors }),
        Setting(
            path: "inspection.mcp_servers", value: "NAME=PLACE",
            reason:
                "What rules call servers of the Model Context Protocol, by their places HOST[:PORT][/PATH]; of several the"
                + " longest path counts. A server that is not here is called by its host.",
            shape: .mapping,
            read: { node, reader, settings in reader.servers(node).map { settings.inspectionServers = $0 } },
            written: { $0.inspectionServers.map { "\(quoted($0.name)): \(quoted($0.place))" } }),
    ]
}
