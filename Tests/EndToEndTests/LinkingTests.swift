import Foundation
import Testing

@Suite struct LinkingTests {
    @Test("the program is linked to no Foundation, whose start and memory every agent would pay")
    func foundation() throws {
        let program = try Data(contentsOf: URL(fileURLWithPath: Place.tiergate))
        // The libraries of the distribution by name, those of the toolchain within.
        #expect(program.range(of: Data("libsqlite3.so".utf8)) != nil)
        #expect(program.range(of: Data("Foundation.so".utf8)) == nil)
        #expect(program.range(of: Data("$s20FoundationEssentials".utf8)) == nil)
        #expect(program.range(of: Data("libFoundationEssentials".utf8)) == nil)
    }
}
