import Calls
import JSON
import Wire

/// A small generator with a seed, so that a failing run can be repeated (SplitMix64).
struct Dice: RandomNumberGenerator {
    var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}

extension Fields {
    /// `name: value` lines, for comparing whole heads.
    var lines: [String] {
        (0..<count).map {
            "\(String(decoding: name(at: $0), as: UTF8.self)): \(String(decoding: value(at: $0), as: UTF8.self))"
        }
    }
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

func text(_ bytes: some Collection<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

/// What a parser said, in one word for tables: a code, or `incomplete`, or nil where it was taken.
func verdict(request text: String, limits: HTTPLimits = .default) -> String? {
    verdict(request: bytes(text), limits: limits)
}

func verdict(request bytes: [UInt8], limits: HTTPLimits = .default) -> String? {
    do {
        return try RequestHead.parse(bytes.span, limits: limits) == nil ? "incomplete" : nil
    } catch {
        return error.code
    }
}

func verdict(response text: String, to method: Text = "GET", limits: HTTPLimits = .default) -> String? {
    let bytes = bytes(text)
    do {
        return try ResponseHead.parse(bytes.span, to: method, limits: limits) == nil ? "incomplete" : nil
    } catch {
        return error.code
    }
}
