/// A family of shells that read the same.
enum Shell: String, CaseIterable {
    case sh
    case fish

    /// As one word that means nothing but itself.
    func quoted(_ text: String) -> String {
        switch self {
        case .sh: "'\(text.replacing("'", with: "'\\''"))'"
        case .fish: "'\(text.replacing("\\", with: "\\\\").replacing("'", with: "\\'"))'"
        }
    }

    func export(_ variable: (name: String, value: String)) -> String {
        switch self {
        case .sh: "export \(variable.name)=\(quoted(variable.value))"
        case .fish: "set -gx \(variable.name) \(quoted(variable.value))"
        }
    }
}
