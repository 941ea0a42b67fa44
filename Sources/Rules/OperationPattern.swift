import Calls
import JSON

/// `aws: {service: ec2, action: [Describe*, RunInstances]}`.
struct OperationPattern: Hashable, Sendable {
    /// Empty: any service.
    let services: [Text]
    /// Empty: any action.
    let actions: [ActionGlob]

    func matches(_ operation: Operation) -> Bool {
        switch operation {
        case .aws(let service, let action):
            (services.isEmpty || services.contains(service))
                && (actions.isEmpty || actions.contains { $0.matches(action) })
        default: false
        }
    }
}

/// The name of an action with `*` at the beginning, the end, or both.
///
/// Compared without regard to ASCII case: AWS refuses another case or takes it for the same action.
struct ActionGlob: Hashable, Sendable {
    let core: Text
    let isOpenLeft: Bool
    let isOpenRight: Bool

    static func parse(_ text: Text) -> Result<ActionGlob, Malformed> {
        var bytes = text.asciiLowercased.utf8[...]
        let isOpenLeft = bytes.first == UInt8(ascii: "*")
        if isOpenLeft { bytes.removeFirst() }
        let isOpenRight = bytes.last == UInt8(ascii: "*")
        if isOpenRight { bytes.removeLast() }
        let isName = bytes.allSatisfy { $0 &- 0x61 < 26 || $0 &- 0x30 < 10 }
        guard isName, !bytes.isEmpty || isOpenLeft, let core = Text(utf8: bytes) else {
            return .failure(
                Malformed(
                    "this is no action", help: "for example RunInstances, Describe* or *Policy; a list is allowed"))
        }
        return .success(ActionGlob(core: core, isOpenLeft: isOpenLeft, isOpenRight: isOpenRight))
    }

    func matches(_ action: Text) -> Bool {
        let action = action.asciiLowercased
        switch (isOpenLeft, isOpenRight) {
        case (false, false): return action == core
        case (false, true): return action.hasPrefix(core)
        case (true, false): return action.hasSuffix(core)
        case (true, true): return contains(action.bytes, core.bytes)
        }
    }

    private func contains(_ text: [UInt8], _ part: [UInt8]) -> Bool {
        guard part.count <= text.count else { return false }
        return (0...text.count - part.count).contains { text[$0..<$0 + part.count].elementsEqual(part) }
    }
}
