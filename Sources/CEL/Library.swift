import JSON

/// What the library has, for the checker: a function a line; a leading point makes the first parameter the receiver.
enum Library {
    static let overloads: [Text: [Overload]] = {
        var table: [Text: [Overload]] = [:]
        for line in signatures.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let name = Text(String(line[..<colon].filter { $0 != " " }))
            for signature in line[line.index(after: colon)...].split(separator: ";") {
                guard let overload = overload(String(signature)) else { continue }
                table[name, default: []].append(overload)
            }
        }
        return table
    }()

    /// `.string, int -> bool`
    private static func overload(_ text: String) -> Overload? {
        guard let arrow = text.utf8.indices.last(where: { text[$0...].hasPrefix("->") }) else { return nil }
        var parameters = String(text[..<arrow].drop { $0 == " " })
        let isMember = parameters.hasPrefix(".")
        if isMember { parameters.removeFirst() }
        let result = text[text.index(arrow, offsetBy: 2)...].drop { $0 == " " }
        guard let result = ValueType(Text(String(result))) else { return nil }
        // Read as the parameters of a type that nobody has: the commas of types are not those between them.
        let blank = parameters.allSatisfy { $0 == " " }
        while parameters.hasSuffix(" ") { parameters.removeLast() }
        guard !blank else { return Overload([], result) }
        guard case .opaque(_, let types)? = ValueType(Text("signature(\(parameters))")) else { return nil }
        return Overload(types, result, isMember: isMember)
    }

    private static let signatures = """
        size: string -> int; bytes -> int; list(<A>) -> int; map(<A>, <B>) -> int; .string -> int; .bytes -> int; \
        .list(<A>) -> int; .map(<A>, <B>) -> int
        contains: .string, string -> bool
        startsWith: .string, string -> bool
        endsWith: .string, string -> bool
        matches: string, string -> bool; .string, string -> bool
        int: int -> int; uint -> int; double -> int; string -> int; timestamp -> int; duration -> int; decimal -> int
        uint: uint -> uint; int -> uint; double -> uint; string -> uint
        double: double -> double; int -> double; uint -> double; string -> double; decimal -> double
        string: string -> string; int -> string; uint -> string; double -> string; bytes -> string; bool -> string; \
        timestamp -> string; duration -> string; net.IP -> string; net.CIDR -> string; decimal -> string
        bytes: bytes -> bytes; string -> bytes
        bool: bool -> bool; string -> bool
        timestamp: timestamp -> timestamp; string -> timestamp; int -> timestamp
        duration: duration -> duration; string -> duration; int -> duration
        type: <A> -> type
        dyn: <A> -> dyn
        getFullYear: .timestamp -> int; .timestamp, string -> int
        getMonth: .timestamp -> int; .timestamp, string -> int
        getDate: .timestamp -> int; .timestamp, string -> int
        getDayOfMonth: .timestamp -> int; .timestamp, string -> int
        getDayOfWeek: .timestamp -> int; .timestamp, string -> int
        getDayOfYear: .timestamp -> int; .timestamp, string -> int
        getHours: .timestamp -> int; .timestamp, string -> int; .duration -> int
        getMinutes: .timestamp -> int; .timestamp, string -> int; .duration -> int
        getSeconds: .timestamp -> int; .timestamp, string -> int; .duration -> int
        getMilliseconds: .timestamp -> int; .timestamp, string -> int; .duration -> int
        charAt: .string, int -> string
        indexOf: .string, string -> int; .string, string, int -> int
        lastIndexOf: .string, string -> int; .string, string, int -> int
        lowerAscii: .string -> string
        upperAscii: .string -> string
        replace: .string, string, string -> string; .string, string, string, int -> string
        split: .string, string -> list(string); .string, string, int -> list(string)
        substring: .string, int -> string; .string, int, int -> string
        trim: .string -> string
        join: .list(string) -> string; .list(string), string -> string
        format: .string, list(dyn) -> string
        strings.quote: string -> string
        reverse: .string -> string; .list(<A>) -> list(<A>)
        math.greatest: int -> int; uint -> uint; double -> double; int, int -> int; uint, uint -> uint; \
        double, double -> double; int, uint -> dyn; int, double -> dyn; uint, int -> dyn; uint, double -> dyn; \
        double, int -> dyn; double, uint -> dyn; list(int) -> int; list(uint) -> uint; list(double) -> double; \
        list(dyn) -> dyn
        math.least: int -> int; uint -> uint; double -> double; int, int -> int; uint, uint -> uint; \
        double, double -> double; int, uint -> dyn; int, double -> dyn; uint, int -> dyn; uint, double -> dyn; \
        double, int -> dyn; double, uint -> dyn; list(int) -> int; list(uint) -> uint; list(double) -> double; \
        list(dyn) -> dyn
        math.ceil: double -> double
        math.floor: double -> double
        math.round: double -> double
        math.trunc: double -> double
        math.abs: int -> int; uint -> uint; double -> double
        math.sign: int -> int; uint -> uint; double -> double
        math.sqrt: int -> double; uint -> double; double -> double
        math.isNaN: double -> bool
        math.isInf: double -> bool
        math.isFinite: double -> bool
        math.bitAnd: int, int -> int; uint, uint -> uint
        math.bitOr: int, int -> int; uint, uint -> uint
        math.bitXor: int, int -> int; uint, uint -> uint
        math.bitNot: int -> int; uint -> uint
        math.bitShiftLeft: int, int -> int; uint, int -> uint
        math.bitShiftRight: int, int -> int; uint, int -> uint
        base64.encode: bytes -> string
        base64.decode: string -> bytes
        optional.of: <A> -> optional(<A>)
        optional.ofNonZeroValue: <A> -> optional(<A>)
        optional.none: -> optional(<A>)
        optional.unwrap: list(optional(<A>)) -> list(<A>)
        unwrapOpt: .list(optional(<A>)) -> list(<A>)
        hasValue: .optional(<A>) -> bool
        value: .optional(<A>) -> <A>
        or: .optional(<A>), optional(<A>) -> optional(<A>)
        orValue: .optional(<A>), <A> -> <A>
        first: .list(<A>) -> optional(<A>)
        last: .list(<A>) -> optional(<A>)
        lists.range: int -> list(int)
        distinct: .list(<A>) -> list(<A>)
        flatten: .list(<A>) -> list(dyn); .list(<A>), int -> list(dyn)
        slice: .list(<A>), int, int -> list(<A>)
        sort: .list(<A>) -> list(<A>)
        sets.contains: list(<A>), list(<A>) -> bool
        sets.equivalent: list(<A>), list(<A>) -> bool
        sets.intersects: list(<A>), list(<A>) -> bool
        ip: string -> net.IP; .net.CIDR -> net.IP
        cidr: string -> net.CIDR
        isIP: string -> bool
        isCIDR: string -> bool
        ip.isCanonical: string -> bool
        family: .net.IP -> int
        isUnspecified: .net.IP -> bool
        isLoopback: .net.IP -> bool
        isGlobalUnicast: .net.IP -> bool
        isLinkLocalMulticast: .net.IP -> bool
        isLinkLocalUnicast: .net.IP -> bool
        containsIP: .net.CIDR, net.IP -> bool; .net.CIDR, string -> bool
        containsCIDR: .net.CIDR, net.CIDR -> bool; .net.CIDR, string -> bool
        prefixLength: .net.CIDR -> int
        masked: .net.CIDR -> net.CIDR
        isMask: .net.CIDR -> bool
        money: int, string -> string
        decimal: string -> decimal; int -> decimal; uint -> decimal
        glob: .string, string -> bool
        under: .string, string -> bool
        domain: .string, string -> bool; .string -> string
        sql.kind: string -> string
        count: <A> -> int
        """

    /// The operators, with the same rules.
    static func operators(_ operation: Syntax.Operation) -> [Overload] { operatorTable[Int(operation.rawValue)] }

    private static let operatorTable: [[Overload]] = [
        equalities, equalities, orders, orders, orders, orders,
        read(".<A>, list(<A>) -> bool; .<A>, map(<A>, <B>) -> bool"),
        read(
            """
            .int, int -> int; .uint, uint -> uint; .double, double -> double; .string, string -> string; \
            .bytes, bytes -> bytes; .list(<A>), list(<A>) -> list(<A>); .timestamp, duration -> timestamp; \
            .duration, timestamp -> timestamp; .duration, duration -> duration; .decimal, decimal -> decimal
            """),
        read(
            """
            .int, int -> int; .uint, uint -> uint; .double, double -> double; .timestamp, timestamp -> duration; \
            .timestamp, duration -> timestamp; .duration, duration -> duration; .decimal, decimal -> decimal
            """),
        read(".int, int -> int; .uint, uint -> uint; .double, double -> double"),
        read(".int, int -> int; .uint, uint -> uint; .double, double -> double"),
        read(".int, int -> int; .uint, uint -> uint"),
    ]

    static let negation = read(".int -> int; .double -> double")
    static let indexing = read(".list(<A>), int -> <A>; .map(<A>, <B>), <A> -> <B>")

    private static let equalities = read(".<A>, <A> -> bool")
    private static let orders: [Overload] = {
        let same = ["bool", "int", "uint", "double", "string", "bytes", "timestamp", "duration", "decimal"]
        let numbers = ["int", "uint", "double"]
        let mixed = numbers.flatMap { a in numbers.filter { $0 != a }.map { (a, $0) } }
        return read((same.map { ($0, $0) } + mixed).map { ".\($0.0), \($0.1) -> bool" }.joined(separator: ";"))
    }()

    private static func read(_ text: String) -> [Overload] {
        text.split(separator: ";").compactMap { overload(String($0)) }
    }
}
