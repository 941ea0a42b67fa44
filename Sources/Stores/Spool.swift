package import Calls
package import Crypto
import Glibc
package import Holds

/// Bodies that are too large for memory, in sealed files of their own.
///
/// A file is a row of sealed records. Each is bound to the file's name, its place, and whether it is the last: a record
/// that was altered, swapped, left out or cut off does not open.
package final class Spool: Sendable {
    /// What one record holds; also the memory that writing or reading a body takes.
    package static let recordSize = 64 << 10

    private let directory: String
    private let key: SealingKey

    package init(in directory: String, key: SealingKey) throws(StoreFailure) {
        try StateDirectory.make(directory)
        self.directory = directory
        self.key = key
    }

    /// A new file, which is removed again unless it is finished.
    package func create() throws(StoreFailure) -> SpoolWriter {
        let name = "s_" + hexadecimal(SecureRandom.bytes(12))
        return SpoolWriter(file: try PrivateFile(creating: path(name)), name: name, key: key)
    }

    /// Reads a finished file from its beginning.
    package func open(_ name: String, length: Int, digest: Digest) throws(StoreFailure) -> SpoolReader {
        guard Self.isName(name), length >= 0 else {
            throw .damaged(reason: "the store names a spool file that cannot be one")
        }
        return SpoolReader(
            file: try PrivateFile(reading: path(name)), name: name, key: key, length: length, digest: digest)
    }

    package func remove(_ name: String) {
        if Self.isName(name) { unlink(path(name)) }
    }

    /// Makes a finished file survive a power cut.
    func synchronise(_ name: String) throws(StoreFailure) {
        guard Self.isName(name) else { throw .damaged(reason: "the store names a spool file that cannot be one") }
        try PrivateFile(reading: path(name)).synchronise()
        try StateDirectory.synchronise(directory)
    }

    /// Removes what a process that ended left behind.
    func sweep(keeping names: Set<String>) throws(StoreFailure) {
        guard let stream = opendir(directory) else { throw .unavailable("read \(directory)", errno) }
        defer { closedir(stream) }
        var orphans: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if Self.isName(name), !names.contains(name) { orphans.append(name) }
        }
        for name in orphans { remove(name) }
    }

    private func path(_ name: String) -> String { "\(directory)/\(name)" }

    /// Names go into paths, and come back from a database.
    private static func isName(_ name: String) -> Bool {
        name.utf8.count == 26 && name.hasPrefix("s_")
            && name.utf8.dropFirst(2).allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    /// What a record is bound to.
    static func place(_ name: String, _ index: Int, isLast: Bool) -> [UInt8] {
        var bytes = Array(name.utf8)
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: UInt64(truncatingIfNeeded: index) >> UInt64(shift)))
        }
        bytes.append(isLast ? 1 : 0)
        return bytes
    }
}

/// A body on its way into a spool file; dropped unfinished, it takes the file with it.
package struct SpoolWriter: ~Copyable {
    private let file: PrivateFile
    private let name: String
    private let key: SealingKey
    private var record: [UInt8] = []
    private var index = 0
    private var hash = SHA256()
    private var isFinished = false
    package private(set) var length = 0

    init(file: consuming PrivateFile, name: String, key: SealingKey) {
        self.file = file
        self.name = name
        self.key = key
        record.reserveCapacity(Spool.recordSize)
    }

    deinit {
        if !isFinished { unlink(file.path) }
    }

    package mutating func append(_ bytes: [UInt8]) throws(StoreFailure) { try append(bytes[...]) }

    package mutating func append(_ bytes: ArraySlice<UInt8>) throws(StoreFailure) {
        hash.update(bytes)
        length += bytes.count
        var rest = bytes
        while !rest.isEmpty {
            // A full record waits for the next byte: whether it is the last is only known then.
            if record.count == Spool.recordSize { try flush(isLast: false) }
            let part = rest.prefix(Spool.recordSize - record.count)
            record.append(contentsOf: part)
            rest = rest.dropFirst(part.count)
        }
    }

    /// Everything is written (the store syncs it with the hold that it belongs to).
    package mutating func finish() throws(StoreFailure) -> (name: String, length: Int, digest: Digest) {
        try flush(isLast: true)
        isFinished = true
        return (name, length, hash.finalize())
    }

    private mutating func flush(isLast: Bool) throws(StoreFailure) {
        let sealed: [UInt8]
        do throws(CryptoFailure) {
            sealed = try key.seal(record, associated: Spool.place(name, index, isLast: isLast))
        } catch {
            throw .unavailable(reason: error.description)
        }
        try file.write(sealed)
        record.removeAll(keepingCapacity: true)
        index += 1
    }
}

/// A body on its way out of a spool file.
package struct SpoolReader: ~Copyable {
    private let file: PrivateFile
    private let name: String
    private let key: SealingKey
    private let length: Int
    private let digest: Digest
    private var index = 0
    private var hash = SHA256()

    init(file: consuming PrivateFile, name: String, key: SealingKey, length: Int, digest: Digest) {
        self.file = file
        self.name = name
        self.key = key
        self.length = length
        self.digest = digest
    }

    /// The next part, nil after the last one; the last is only given out if the whole has the digest it should have.
    package mutating func next() throws(StoreFailure) -> [UInt8]? {
        let begin = index * Spool.recordSize
        guard begin < length || index == 0 else { return nil }
        let expected = min(Spool.recordSize, length - begin)
        let isLast = begin + expected == length
        let stored = try file.read(
            at: index * (Spool.recordSize + SealingKey.overhead), count: expected + SealingKey.overhead)
        let record: [UInt8]
        do throws(CryptoFailure) {
            record = try key.open(stored, associated: Spool.place(name, index, isLast: isLast))
        } catch {
            throw .damaged(reason: "the stored body \(name): \(error)")
        }
        hash.update(record)
        index += 1
        if isLast, hash.finalize() != digest {
            throw .damaged(reason: "the stored body \(name) is not the one that was held")
        }
        return record.isEmpty ? nil : record
    }
}
