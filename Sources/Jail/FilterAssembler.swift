import CSystem

/// Classic BPF with labels: offsets are counted here, never by hand.
package struct FilterAssembler {
    /// A place in the program that is jumped to.
    package struct Label: Hashable {
        fileprivate let number: Int
    }

    /// What of a system call is looked at (struct seccomp_data).
    package enum Field {
        case number
        case architecture
        /// The lower half of an argument, which is all that the kernel takes of an `int`.
        case argument(Int)

        fileprivate var offset: UInt32 {
            switch self {
            case .number: 0
            case .architecture: 4
            // The lower half comes first: all that this runs on is little-endian.
            case .argument(let index): UInt32(16 + 8 * index)
            }
        }
    }

    package enum Test {
        case equals(UInt32)
        case isAtLeast(UInt32)
        case hasAny(UInt32)

        fileprivate var parts: (code: UInt16, value: UInt32) {
            switch self {
            case .equals(let value): (UInt16(BPF_JEQ), value)
            case .isAtLeast(let value): (UInt16(BPF_JGE), value)
            case .hasAny(let value): (UInt16(BPF_JSET), value)
            }
        }
    }

    package enum Outcome {
        case allow
        case refuse(CInt)
        case kill
        /// The gate answers (seccomp_unotify(2)); ENOSYS where there is none any more.
        case ask

        fileprivate var value: UInt32 {
            switch self {
            case .allow: 0x7FFF_0000
            case .refuse(let code): 0x0005_0000 | UInt32(code)
            case .kill: 0x8000_0000
            case .ask: 0x7FC0_0000
            }
        }
    }

    /// A program that cannot be spelled.
    package enum Mistake: Error, Hashable {
        case unmarked
        /// A jump reaches 255 instructions.
        case tooFar(Int)
        case tooLong(Int)
    }

    private enum Instruction {
        case plain(FilterInstruction)
        case jump(Test, then: Label?, otherwise: Label?)
    }

    private var instructions: [Instruction] = []
    private var places: [Label: Int] = [:]
    private var labels = 0

    package init() {}

    package mutating func label() -> Label {
        labels += 1
        return Label(number: labels)
    }

    /// The label stands for what comes next.
    package mutating func mark(_ label: Label) { places[label] = instructions.count }

    package mutating func load(_ field: Field) {
        plain(UInt16(BPF_LD) | UInt16(BPF_W) | UInt16(BPF_ABS), field.offset)
    }

    package mutating func jump(if test: Test, to label: Label) {
        instructions.append(.jump(test, then: label, otherwise: nil))
    }

    package mutating func jump(unless test: Test, to label: Label) {
        instructions.append(.jump(test, then: nil, otherwise: label))
    }

    package mutating func end(_ outcome: Outcome) { plain(UInt16(BPF_RET) | UInt16(BPF_K), outcome.value) }

    private mutating func plain(_ code: UInt16, _ value: UInt32) {
        instructions.append(.plain(FilterInstruction(code: code, then: 0, otherwise: 0, value: value)))
    }

    package func assembled() throws(Mistake) -> [FilterInstruction] {
        guard instructions.count <= Int(BPF_MAXINSNS) else { throw .tooLong(instructions.count) }
        var program: [FilterInstruction] = []
        for (index, instruction) in instructions.enumerated() {
            switch instruction {
            case .plain(let filter): program.append(filter)
            case .jump(let test, let then, let otherwise):
                let (code, value) = test.parts
                program.append(
                    FilterInstruction(
                        code: UInt16(BPF_JMP) | code | UInt16(BPF_K), then: try distance(index, then),
                        otherwise: try distance(index, otherwise), value: value))
            }
        }
        return program
    }

    private func distance(_ index: Int, _ label: Label?) throws(Mistake) -> UInt8 {
        guard let label else { return 0 }
        guard let place = places[label], place > index, place < instructions.count else { throw .unmarked }
        guard let distance = UInt8(exactly: place - index - 1) else { throw .tooFar(place - index - 1) }
        return distance
    }
}
