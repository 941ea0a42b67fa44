/// Rows under a head, in columns that are as wide as they must be; all but the first are set to the right.
struct TextTable {
    let head: [String]
    var rows: [[String]] = []

    var text: String {
        let all = [head] + rows
        let widths = head.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            row.indices.map { column in
                let space = String(repeating: " ", count: widths[column] - row[column].count)
                return column == 0 ? row[column] + space : space + row[column]
            }.joined(separator: "  ") + "\n"
        }.joined()
    }
}
