import JSON

extension Settings {
    /// Every key with its value and reason: a file that says what is in force, to be edited.
    var rendered: String {
        var lines = ["# The settings of `tiergate serve`. A key that is left out has its default."]
        var groups: [Substring] = []
        for setting in Setting.all {
            let parts = setting.path.split(separator: ".")
            let indent = String(repeating: "  ", count: parts.count - 1)
            if parts.count == 1 { lines.append("") }
            for (depth, group) in parts.dropLast().enumerated()
            where Array(parts[...depth]) != Array(groups.prefix(depth + 1)) {
                if depth == 0 { lines.append("") }
                lines.append("\(String(repeating: "  ", count: depth))\(group):")
            }
            groups = parts.dropLast()
            lines.append("\(indent)# \(setting.reason)")
            lines.append("\(indent)\(parts[parts.count - 1]): \(setting.yaml(self))")
        }
        return lines.joined(separator: "\n")
    }

    /// The same for other programs.
    var document: [UInt8] {
        JSONWriter.object { document in
            document.array("settings") { array in
                for setting in Setting.all {
                    array.object {
                        $0.field("key", setting.path)
                        $0.field("flag", setting.flag)
                        $0.field("kind", setting.value)
                        $0.field("repeats", setting.shape.repeats)
                        $0.array("values", setting.written(self))
                        $0.field("reason", setting.reason)
                    }
                }
            }
        }
    }
}

extension Setting {
    fileprivate func yaml(_ settings: Settings) -> String {
        let values = written(settings)
        switch shape {
        case .single: return values.first.map(quoted) ?? "\"\""
        case .list: return "[\(values.map(quoted).joined(separator: ", "))]"
        case .records: return "[\(values.joined(separator: ", "))]"
        case .mapping: return "{\(values.joined(separator: ", "))}"
        }
    }
}
