import JSON

/// Functions by their groups.
extension Machine {
    mutating func call(_ function: Function, _ arguments: Arguments) throws(EvaluationError) -> Value {
        if case .string(let text) = arguments.a { try charge(text.count >> 6) }
        switch function {
        case .size, .int, .uint, .double, .string, .bytes, .bool, .type, .dyn, .count:
            return try conversion(function, arguments)
        case .contains, .startsWith, .endsWith, .matches, .charAt, .indexOf, .lastIndexOf, .lowerAscii, .upperAscii,
            .replace, .split, .substring, .trim, .join, .format, .quote, .base64Encode, .base64Decode, .glob, .under,
            .domain, .sqlKind:
            return try text(function, arguments)
        case .reverse:
            guard case .string = arguments.a else { return try list(function, arguments) }
            return try text(function, arguments)
        case .timestamp, .duration, .getFullYear, .getMonth, .getDate, .getDayOfMonth, .getDayOfWeek, .getDayOfYear,
            .getHours, .getMinutes, .getSeconds, .getMilliseconds:
            return try time(function, arguments)
        case .greatest, .least: return try extreme(function, arguments)
        case .ceil, .floor, .round, .trunc, .abs, .sign, .sqrt, .isNaN, .isInf, .isFinite, .bitAnd, .bitOr, .bitXor,
            .bitNot, .bitShiftLeft, .bitShiftRight:
            return try Self.number(function, arguments)
        case .optionalOf, .optionalOfNonZeroValue, .optionalNone, .hasValue, .value, .or, .orValue:
            return try Self.optional(function, arguments)
        case .first, .last, .optionalUnwrap, .unwrapOpt, .range, .distinct, .flatten, .slice, .sort, .setsContains,
            .setsEquivalent, .setsIntersects:
            return try list(function, arguments)
        case .ip, .cidr, .isIP, .isCIDR, .family, .isUnspecified, .isLoopback, .isGlobalUnicast, .isLinkLocalMulticast,
            .isLinkLocalUnicast, .containsIP, .containsCIDR, .prefixLength, .masked, .isMask, .isCanonical:
            return try Self.network(function, arguments)
        case .money, .decimal: return try Self.amount(function, arguments)
        }
    }

    /// The commonest questions about texts, without their values on the way; nil for other functions.
    mutating func textual(_ instruction: Instruction, _ slots: Span<Value>) throws(EvaluationError) -> Bool? {
        guard instruction.b == 2 else { return nil }
        let function = Function.numbered[Int(instruction.detail)]
        switch function {
        case .contains, .startsWith, .endsWith: break
        default: return nil
        }
        guard case .string(let text) = try value(code.operands[Int(instruction.a)], slots),
            case .string(let part) = try value(code.operands[Int(instruction.a) + 1], slots)
        else { throw .noSuchOverload(function.name) }
        switch function {
        case .startsWith: return text.hasPrefix(part)
        case .endsWith: return text.hasSuffix(part)
        default:
            try charge((text.count >> 4) * (1 + part.count >> 4))
            return text.firstOffset(of: part) != nil
        }
    }
}
