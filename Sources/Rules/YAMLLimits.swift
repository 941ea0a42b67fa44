/// How much a YAML file may ask of its reader.
package struct YAMLLimits: Sendable {
    package var bytes: Int
    /// Lists and mappings inside one another.
    package var depth: Int
    /// Scalars, lists and mappings, keys not counted.
    package var nodes: Int

    package init(bytes: Int = 1 << 20, depth: Int = 16, nodes: Int = 200_000) {
        self.bytes = bytes
        self.depth = depth
        self.nodes = nodes
    }

    package static let `default` = YAMLLimits()
}
