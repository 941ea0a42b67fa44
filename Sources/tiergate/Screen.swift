/// Lines of a screen that is being put together, in the width and the colours of where it will stand.
struct Screen {
    let width: Int
    let styled: (String, Terminal.Style) -> String
    private(set) var lines: [String] = []

    init(width: Int, styled: @escaping (String, Terminal.Style) -> String = { text, _ in text }) {
        self.width = width
        self.styled = styled
    }

    init(_ terminal: Terminal) { self.init(width: terminal.width, styled: terminal.styled) }

    var text: String { lines.joined(separator: "\n") }

    mutating func line(_ text: String = "") { lines.append(text) }

    /// A paragraph, wrapped.
    mutating func text(_ text: String, indent: Int = 0, style: Terminal.Style? = nil) {
        let blank = String(repeating: " ", count: indent)
        for line in Columns.wrapped(text, width - indent) {
            lines.append(blank + (style.map { styled(line, $0) } ?? line))
        }
    }

    /// That decisions here prove nothing, where they do not.
    mutating func advisory(_ weakness: String?) {
        guard let weakness else { return }
        text("ADVISORY: \(weakness).", style: .yellow)
        line()
    }

    /// A heading; what belongs to it stands below, indented by two.
    mutating func section(_ title: String) {
        if lines.last?.isEmpty == false { line() }
        line(styled(title, .bold))
    }

    /// A name with its value beside it, wrapped under itself.
    mutating func pair(_ name: String, _ value: String, column: Int) {
        let start = 2 + column + 2
        let shown = Columns.wrapped(value, max(20, width - start))
        let fits = Columns.width(of: name) <= column
        if !fits { text(name, indent: 2, style: .dim) }
        for (index, part) in shown.enumerated() {
            let label = index == 0 && fits ? Columns.padded(name, column) : String(repeating: " ", count: column)
            lines.append("  " + styled(label, .dim) + "  " + part)
        }
    }
}
