import Jail
import Testing

@Suite("Filter assembler")
struct FilterAssemblerTests {
    @Test("a jump is counted from the instruction after it to its label")
    func counts() throws {
        var code = FilterAssembler()
        let end = code.label()
        code.load(.number)
        code.jump(if: .equals(7), to: end)
        code.jump(unless: .hasAny(1), to: end)
        code.end(.allow)
        code.mark(end)
        code.end(.kill)
        let program = try code.assembled()
        #expect(program.map(\.then) == [0, 2, 0, 0, 0])
        #expect(program.map(\.otherwise) == [0, 0, 1, 0, 0])
        #expect(program.map(\.value) == [0, 7, 1, 0x7FFF_0000, 0x8000_0000])
    }

    @Test("a label that nothing stands at is a mistake")
    func unmarked() {
        var code = FilterAssembler()
        let nowhere = code.label()
        code.jump(if: .equals(1), to: nowhere)
        code.end(.allow)
        #expect(throws: FilterAssembler.Mistake.unmarked) { try code.assembled() }
    }

    @Test("a jump backwards is a mistake: programs of the kernel have none")
    func backwards() {
        var code = FilterAssembler()
        let start = code.label()
        code.mark(start)
        code.load(.number)
        code.jump(if: .equals(1), to: start)
        #expect(throws: FilterAssembler.Mistake.unmarked) { try code.assembled() }
    }

    @Test("a jump of 255 instructions is the furthest", arguments: [(255, true), (256, false)])
    func furthest(distance: Int, isPossible: Bool) throws {
        var code = FilterAssembler()
        let end = code.label()
        code.jump(if: .equals(1), to: end)
        for _ in 0..<distance { code.load(.number) }
        code.mark(end)
        code.end(.allow)
        if isPossible {
            #expect(try code.assembled().first?.then == 255)
        } else {
            #expect(throws: FilterAssembler.Mistake.tooFar(distance)) { try code.assembled() }
        }
    }
}
