extension JSONPatch {
    /// What makes one value out of another. Numbers that are written differently differ.
    package static func between(
        _ before: JSONNode, _ after: JSONNode
    ) throws(JSONPatchFailure) -> JSONPatch {
        var steps: [Step] = []
        difference(before, after, at: [], into: &steps)
        return try JSONPatch(steps)
    }

    /// Recursion ends at the parser's limit of depth.
    private static func difference(
        _ before: JSONNode, _ after: JSONNode, at path: [Text], into steps: inout [Step]
    ) {
        switch (before.kind, after.kind) {
        case (.object, .object):
            for (key, _) in before.members where after[key] == nil {
                steps.append(.remove(JSONPointer(path + [key])))
            }
            for (key, value) in after.members {
                if let old = before[key] {
                    difference(old, value, at: path + [key], into: &steps)
                } else {
                    steps.append(.add(JSONPointer(path + [key]), value.compact))
                }
            }
        case (.array, .array) where before.count == after.count:
            for (place, (old, new)) in zip(before.elements, after.elements).enumerated() {
                difference(old, new, at: path + [Text("\(place)")], into: &steps)
            }
        case (.string, .string) where before.text == after.text: return
        default:
            guard before.compact != after.compact else { return }
            steps.append(.replace(JSONPointer(path), after.compact))
        }
    }
}

extension JSONNode {
    /// As written, without the white space between its parts.
    package var compact: [UInt8] {
        var bytes: [UInt8] = []
        writeCompact(into: &bytes)
        return bytes
    }

    private func writeCompact(into bytes: inout [UInt8]) {
        switch kind {
        case .null, .bool, .number, .string: bytes += spelling
        case .array:
            bytes.append(0x5B)
            for (place, element) in elements.enumerated() {
                if place > 0 { bytes.append(0x2C) }
                element.writeCompact(into: &bytes)
            }
            bytes.append(0x5D)
        case .object:
            bytes.append(0x7B)
            for (place, member) in members.enumerated() {
                if place > 0 { bytes.append(0x2C) }
                bytes += JSONWriter.string(member.key.string)
                bytes.append(0x3A)
                member.value.writeCompact(into: &bytes)
            }
            bytes.append(0x7D)
        }
    }
}
