import CEL
import JSON
import Testing

@Suite struct SlotTableTests {
    @Test("A reference has one number, whoever asks")
    func numbers() {
        var table = SlotTable()
        #expect(table.slot(for: Reference("body", ["amount"])) == 0)
        #expect(table.slot(for: Reference("body", ["currency"])) == 1)
        #expect(table.slot(for: Reference("body", ["amount"])) == 0)
        #expect(table.count == 2)
        #expect(table.references.map(\.description) == ["body.amount", "body.currency"])
        #expect(table.slot(of: Reference("body")) == nil)
    }
}
