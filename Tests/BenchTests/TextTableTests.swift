import Testing

@testable import tiergate_bench

@Suite struct TextTableTests {
    @Test("columns are as wide as their widest cell, figures to the right")
    func columns() {
        var table = TextTable(head: ["peer", "n"])
        table.rows = [["gate", "100"], ["haproxy", "7"]]
        #expect(table.text == "peer       n\ngate     100\nhaproxy    7\n")
    }
}
