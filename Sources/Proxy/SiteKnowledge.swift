import Synchronization
import System
package import Wire

/// What the site told of the services behind its upstreams; replaced whole or not at all.
package final class SiteKnowledge: Sendable {
    private let known: Mutex<CallReader.Knowledge>

    package init(_ known: CallReader.Knowledge = CallReader.Knowledge()) { self.known = Mutex(known) }

    package var current: CallReader.Knowledge { known.withLock { $0 } }

    package func replace(with next: CallReader.Knowledge) { known.withLock { $0 = next } }

    /// - Parameter descriptors: files as `protoc --include_imports -o` writes them, which together are one set.
    /// - Throws: an `IOError` or `UnreadableDescriptors`, each a sentence for the operator.
    package static func load(servers: [MCPServer], descriptors: [String]) throws -> CallReader.Knowledge {
        var knowledge = CallReader.Knowledge(servers: servers)
        guard !descriptors.isEmpty else { return knowledge }
        let limits = knowledge.limits
        var sets: [[UInt8]] = []
        for path in descriptors { sets.append(try Files.read(path, limit: limits.descriptorBytes)) }
        do throws(WireError) {
            knowledge.descriptors = try GRPCDescriptors(sets, limits: limits)
            return knowledge
        } catch {
            let culprit = sets.firstIndex { (try? GRPCDescriptors([$0], limits: limits)) == nil }
            throw UnreadableDescriptors(file: culprit.map { descriptors[$0] }, error: error)
        }
    }
}

/// Descriptor sets that are not loaded; those in force stay.
package struct UnreadableDescriptors: Error, CustomStringConvertible {
    /// Nil where each by itself is one.
    let file: String?
    let error: WireError

    package var description: String { "\(file ?? "the files together"): \(error) (inspection.descriptors)" }
}
