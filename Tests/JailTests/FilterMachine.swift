@testable import Jail

/// Runs a filter as the kernel does, on one system call.
struct FilterMachine {
    enum Verdict: Hashable {
        case allowed
        case refused(CInt)
        case killed
        /// The gate is asked.
        case asked
        /// The program does something that a filter may not.
        case broken
    }

    let program: [FilterInstruction]

    func verdict(_ number: UInt32, _ arguments: [UInt64] = [], architecture: UInt32) -> Verdict {
        var data = [number, architecture, 0, 0]
        for index in 0..<6 {
            let argument = index < arguments.count ? arguments[index] : 0
            data += [UInt32(truncatingIfNeeded: argument), UInt32(truncatingIfNeeded: argument >> 32)]
        }
        var accumulator: UInt32 = 0
        var next = 0
        while program.indices.contains(next) {
            let instruction = program[next]
            next += 1
            switch instruction.code {
            case 0x20:
                guard data.indices.contains(Int(instruction.value / 4)) else { return .broken }
                accumulator = data[Int(instruction.value / 4)]
            case 0x15: next += jump(instruction, accumulator == instruction.value)
            case 0x35: next += jump(instruction, accumulator >= instruction.value)
            case 0x45: next += jump(instruction, accumulator & instruction.value != 0)
            case 0x06:
                switch instruction.value & 0xFFFF_0000 {
                case 0x7FFF_0000: return .allowed
                case 0x0005_0000: return .refused(CInt(instruction.value & 0xFFFF))
                case 0x8000_0000: return .killed
                case 0x7FC0_0000: return .asked
                default: return .broken
                }
            default: return .broken
            }
        }
        return .broken
    }

    private func jump(_ instruction: FilterInstruction, _ holds: Bool) -> Int {
        Int(holds ? instruction.then : instruction.otherwise)
    }
}
