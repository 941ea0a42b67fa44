package import Calls
package import JSON

/// What one look at the state that a call is about to change has shown.
package struct Sighting: Hashable, Sendable {
    package struct Field: Hashable, Sendable {
        package let name: String
        /// As written, without white space; nil where the answer has none.
        package let value: String?

        package init(name: String, value: String?) {
            self.name = name
            self.value = value
        }
    }

    /// What can be kept of one value; a longer one is compared by its beginning and its length.
    package static let valueLimit = 4 << 10
    /// Fields of an answer where a rule names none.
    package static let mostFields = 64

    package let path: String
    package let entityTag: String?
    package let fields: [Field]
    /// Why nothing was seen; nil where something was.
    package let failure: String?

    package init(path: String, failure: String) {
        self.init(path: path, entityTag: nil, fields: [], failure: failure)
    }

    private init(path: String, entityTag: String?, fields: [Field], failure: String?) {
        self.path = path
        self.entityTag = entityTag
        self.fields = fields
        self.failure = failure
    }

    /// What matters of an answer; where the rule names no fields, each member of the outermost object.
    package init(_ observation: Verdict.Observation, _ document: JSONDocument, entityTag: String?) {
        let names = observation.fields.isEmpty ? nil : observation.fields
        let fields =
            names?.map { name in
                let node = FieldPath.read(name).flatMap { document.root.value(at: $0) }
                return Field(name: name, value: node.map(Self.kept))
            }
            ?? document.root.members.prefix(Self.mostFields).map {
                Field(name: $0.key.string, value: Self.kept($0.value))
            }
        self.init(path: observation.path, entityTag: entityTag, fields: fields, failure: nil)
    }

    private static func kept(_ node: JSONNode) -> String {
        let bytes = node.compact
        guard bytes.count > valueLimit else { return String(decoding: bytes, as: UTF8.self) }
        return "\(String(decoding: bytes.prefix(valueLimit), as: UTF8.self))… (\(bytes.count) bytes)"
    }

    // MARK: Compared

    /// What is different from what a person saw, as a sentence; nil where it is the same, or where nothing was seen then.
    package static func difference(seen: [Sighting], now: [Sighting]) -> String? {
        for sighting in now {
            guard let before = seen.first(where: { $0.path == sighting.path }) else {
                return "\(shown(sighting.path)) had not been looked at, and can be now"
            }
            // Whoever approved it knew that nothing could be seen.
            guard before.failure == nil else { continue }
            if let failure = sighting.failure {
                return "\(shown(sighting.path)) could be read when the call was held, and cannot be now: \(failure)"
            }
            for (old, new) in zip(before.fields, sighting.fields) where old != new {
                return "\(visible(old.name)) of \(shown(sighting.path)) was \(shown(old)) and is \(shown(new)) now"
            }
            if before.fields.count != sighting.fields.count {
                return "\(shown(sighting.path)) has other members now"
            }
        }
        return nil
    }

    private static func shown(_ path: String) -> String { path.isEmpty ? "what a rule asks for" : visible(path) }

    private static func shown(_ field: Field) -> String {
        guard let value = field.value else { return "not there" }
        let isSecret = SecretNames.hides(Text(field.name), isInBody: true)
        return isSecret ? SecretNames.note(value.utf8.count) : visible(value)
    }

    // MARK: Kept

    package static func encode(_ sightings: [Sighting]) -> Content {
        Content(
            bytes: JSONWriter.object { object in
                object.array("seen") { array in
                    for sighting in sightings { array.object(sighting.write) }
                }
            })
    }

    private func write(into object: inout JSONWriter.Object) {
        object.field("path", path)
        object.field("etag", entityTag)
        object.field("failure", failure)
        object.array("fields") { array in
            for field in fields {
                array.object {
                    $0.field("name", field.name)
                    $0.field("value", field.value)
                }
            }
        }
    }

    /// Nil where it is not what `encode` made.
    package static func decode(_ content: Content) -> [Sighting]? {
        guard let root = try? JSONDocument.parse(content.bytes).root, let seen = root["seen"] else { return nil }
        let sightings = seen.elements.compactMap { Sighting($0) }
        return sightings.count == seen.count ? sightings : nil
    }

    private init?(_ node: JSONNode) {
        guard let path = node["path"]?.text, let fields = node["fields"] else { return nil }
        self.init(
            path: path.string, entityTag: node["etag"]?.text?.string,
            fields: fields.elements.compactMap { field in
                field["name"]?.text.map { Field(name: $0.string, value: field["value"]?.text?.string) }
            }, failure: node["failure"]?.text?.string)
        guard self.fields.count == fields.count else { return nil }
    }
}
