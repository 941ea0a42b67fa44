import Calls
import JSON
import Proxy
import Rules
import Stores

/// The keys that say what is recorded for rehearsals of rules.
extension Setting {
    static let recording: [Setting] = [
        Setting(
            path: "record.directory", value: "DIR",
            reason:
                "Where every judged call is recorded, sealed and without its secrets, for `tiergate rules replay`. none:"
                + " nothing is.",
            completion: .directory,
            read: { node, reader, settings in
                if case .scalar(let text, _) = node.content, text == "none" { return settings.recordDirectory = nil }
                reader.path(node, "record.directory").map { settings.recordDirectory = $0 }
            },
            written: { [$0.recordDirectory ?? "none"] }),
        Setting(
            path: "record.body", value: "SIZE",
            reason:
                "Larger bodies are left out of the recording, and rules that need them count with their highest tier when"
                + " it is judged again.",
            read: { node, reader, settings in
                reader.size(node, "record.body", in: 1...1 << 28).map { settings.recordBody = $0 }
            },
            written: { [Size.spelling($0.recordBody)] }),
        Setting(
            path: "record.segment", value: "SIZE",
            reason: "The recording goes on in a new file when one has this size.",
            read: { node, reader, settings in
                reader.size(node, "record.segment", in: 1 << 16...1 << 40).map { settings.recordSegment = $0 }
            },
            written: { [Size.spelling($0.recordSegment)] }),
        Setting(
            path: "record.age", value: "TIME", reason: "It also does when one is this old.",
            read: { node, reader, settings in
                guard let text = reader.yaml.text(node, "record.age") else { return }
                if let span = TimeSpan.parse(text.string), 60_000...longestKeep ~= span {
                    settings.recordAge = span
                } else {
                    reader.yaml.report(
                        .badValue, "record.age must be a time from 1 m to 36500 d", at: node.span,
                        help: "for example 1 d or 12 h")
                }
            },
            written: { [TimeSpan.spelling($0.recordAge)] }),
        Setting(
            path: "record.total", value: "SIZE",
            reason: "All files together stay below this: the oldest are removed.",
            read: { node, reader, settings in
                reader.size(node, "record.total", in: 1 << 17...1 << 50).map { settings.recordTotal = $0 }
            },
            written: { [Size.spelling($0.recordTotal)] }),
    ]
}

extension Settings {
    /// As the gate is told; nil where nothing is recorded.
    var recording: (directory: String, files: RecordingLimits, calls: CallRecorder.Limits)? {
        guard let directory = recordDirectory else { return nil }
        var files = RecordingLimits()
        files.segment = recordSegment
        files.age = Interval(milliseconds: recordAge)
        files.total = recordTotal
        var calls = CallRecorder.Limits()
        calls.body = recordBody
        return (directory, files, calls)
    }
}
