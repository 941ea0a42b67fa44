import JSON

/// The functions of the library, by the names that expressions call them by.
enum Function: String, CaseIterable {
    // The standard.
    case size, contains, startsWith, endsWith, matches
    case int, uint, double, string, bytes, bool, timestamp, duration, type, dyn
    case getFullYear, getMonth, getDate, getDayOfMonth, getDayOfWeek, getDayOfYear
    case getHours, getMinutes, getSeconds, getMilliseconds

    // Strings.
    case charAt, indexOf, lastIndexOf, lowerAscii, upperAscii, replace, split, substring, trim, join, format, reverse
    case quote = "strings.quote"

    // Numbers.
    case greatest = "math.greatest"
    case least = "math.least"
    case ceil = "math.ceil"
    case floor = "math.floor"
    case round = "math.round"
    case trunc = "math.trunc"
    case abs = "math.abs"
    case sign = "math.sign"
    case sqrt = "math.sqrt"
    case isNaN = "math.isNaN"
    case isInf = "math.isInf"
    case isFinite = "math.isFinite"
    case bitAnd = "math.bitAnd"
    case bitOr = "math.bitOr"
    case bitXor = "math.bitXor"
    case bitNot = "math.bitNot"
    case bitShiftLeft = "math.bitShiftLeft"
    case bitShiftRight = "math.bitShiftRight"

    // Encodings.
    case base64Encode = "base64.encode"
    case base64Decode = "base64.decode"

    // Optional values.
    case optionalOf = "optional.of"
    case optionalOfNonZeroValue = "optional.ofNonZeroValue"
    case optionalNone = "optional.none"
    case optionalUnwrap = "optional.unwrap"
    case hasValue, value, or, orValue, first, last, unwrapOpt

    // Lists and sets.
    case range = "lists.range"
    case distinct, flatten, slice, sort
    case setsContains = "sets.contains"
    case setsEquivalent = "sets.equivalent"
    case setsIntersects = "sets.intersects"

    // Network addresses.
    case ip, cidr, isIP, isCIDR, family, isUnspecified, isLoopback, isGlobalUnicast, isLinkLocalMulticast
    case isLinkLocalUnicast, containsIP, containsCIDR, prefixLength, masked, isMask
    case isCanonical = "ip.isCanonical"

    // The product's own.
    case money, decimal, glob, under, domain, count
    case sqlKind = "sql.kind"

    /// The name as errors have it.
    var name: Text { Text(rawValue) }
}
