import Calls
import Crypto
import JSON

/// The form of a journal line, to write it and to read it back:
///
///     {"seq":7,"time":"2026-11-21T03:04:05.678Z","kind":"call.open",…,"prev":"<64 digits>","hash":"<64 digits>"}
///
/// `prev` is the hash of the line before, 64 zeros in the first line. `hash` is the SHA-256 of the line without its line
/// feed and without `,"hash":"…"`, in small hexadecimal digits. To check one by hand:
///
///     sed -n 7p FILE | tr -d '\n' | sed 's/,"hash":"[0-9a-f]*"}$/}/' | sha256sum
struct JournalLine {
    /// The `prev` of the first line.
    static let genesis = [UInt8](repeating: UInt8(ascii: "0"), count: hashLength)
    /// Longer than any line that the entries' own limits allow.
    static let longest = 1 << 20

    private static let hashLength = 64
    private static let prevMember = Array(",\"prev\":\"".utf8)
    private static let hashMember = Array("\",\"hash\":\"".utf8)
    private static let end = Array("\"}".utf8)
    private static let brace: [UInt8] = [UInt8(ascii: "}")]

    let seq: UInt64
    /// As written: 64 bytes each.
    let prev: [UInt8]
    let hash: [UInt8]
    /// Whether the hash is that of the text.
    let isGenuine: Bool

    /// Puts the line with its line feed in place of what is in `bytes`.
    ///
    /// - Parameter hash: as written; of the line before, then of this one.
    static func compose(
        _ entry: JournalEntry, seq: UInt64, at time: Timestamp, spelled timeText: [UInt8], after hash: inout [UInt8],
        into bytes: ByteWriter
    ) {
        bytes.removeAll()
        JSONWriter.object(into: bytes) { line in
            line.field("seq", seq)
            line.digits("time", timeText)
            line.field("kind", entry.kind)
            entry.write(into: &line, at: time)
            line.digits("prev", hash)
        }
        bytes.read { SHA256.hexadecimal($0, into: &hash) }
        // `…"}` becomes `…","hash":"…"}`.
        bytes.removeLast(2)
        bytes.append(hashMember.span)
        bytes.append(hash.span)
        bytes.append(end.span)
        bytes.append(lineFeed)
    }

    /// Reads a line without its line feed; nil where it has not the form.
    init?(_ bytes: ArraySlice<UInt8>) {
        let ending = Self.hashLength + Self.end.count
        guard let seq = Self.leadingNumber(bytes),
            bytes.count > 2 * ending + Self.prevMember.count + Self.hashMember.count,
            bytes.suffix(Self.end.count).elementsEqual(Self.end)
        else { return nil }
        let hash = bytes.dropLast(Self.end.count).suffix(Self.hashLength)
        var rest = bytes.dropLast(ending)
        guard rest.suffix(Self.hashMember.count).elementsEqual(Self.hashMember) else { return nil }
        rest = rest.dropLast(Self.hashMember.count)
        let prev = rest.suffix(Self.hashLength)
        guard rest.dropLast(Self.hashLength).suffix(Self.prevMember.count).elementsEqual(Self.prevMember) else {
            return nil
        }
        self.seq = seq
        self.prev = Array(prev)
        self.hash = Array(hash)
        var sum = SHA256()
        sum.update(rest)
        sum.update(Self.end)
        isGenuine = Self.digits(sum.finalize().bytes) == self.hash
    }

    /// Number and hash as a value; nil where it is no hash.
    var head: JournalHead? { JournalHead(seq: seq, spelling: hash) }

    /// The number after `{"seq":`.
    private static func leadingNumber(_ bytes: ArraySlice<UInt8>) -> UInt64? {
        let start = Array("{\"seq\":".utf8)
        guard bytes.starts(with: start) else { return nil }
        let number = bytes.dropFirst(start.count).prefix { $0 &- 0x30 < 10 }
        // 18 digits: whatever is counted on from here does not overflow.
        guard number.count <= 18, let seq = UInt64(String(decoding: number, as: UTF8.self)), seq > 0 else { return nil }
        return seq
    }

    /// Hexadecimal digits straight into bytes: this runs for each call.
    static func digits(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: bytes.count * 2) { buffer, count in
            for byte in bytes {
                buffer[count] = digit(byte >> 4)
                buffer[count + 1] = digit(byte & 15)
                count += 2
            }
        }
    }

    private static func digit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 0x30 + nibble : 0x57 + nibble }
}

let lineFeed = UInt8(ascii: "\n")
