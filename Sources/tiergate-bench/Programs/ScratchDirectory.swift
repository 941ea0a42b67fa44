import Glibc
import System

/// Where a measurement has its files, for as long as it runs.
struct ScratchDirectory: Sendable {
    let path: String

    init(in parent: String?) throws(BenchFailure) {
        do throws(IOError) {
            path = try Files.makeTemporaryDirectory("tiergate-bench", in: parent)
        } catch {
            throw BenchFailure("\(error); name another with --directory")
        }
        // Peers that give up being root read their files as somebody else.
        chmod(path, 0o755)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file, and the directories that lead to it.
    @discardableResult
    func write(_ name: String, _ text: String, mode: UInt32 = 0o644) throws(BenchFailure) -> String {
        let file = file(name)
        do throws(IOError) {
            if let slash = file.lastIndex(of: "/") { try Files.makeDirectory(String(file[..<slash]), mode: 0o755) }
        } catch {
            throw BenchFailure("\(error)")
        }
        try ScratchDirectory.write(text, to: file, mode: mode)
        return file
    }

    static func write(_ text: String, to file: String, mode: UInt32 = 0o644) throws(BenchFailure) {
        guard let stream = fopen(file, "w") else {
            throw BenchFailure("cannot write \(file): \(IOError.explanation(of: errno))")
        }
        let isWritten = fputs(text, stream) >= 0
        guard fclose(stream) == 0, isWritten else {
            throw BenchFailure("cannot write \(file): \(IOError.explanation(of: errno))")
        }
        chmod(file, mode)
    }

    func read(_ name: String) throws(BenchFailure) -> String {
        do throws(IOError) {
            return String(decoding: try Files.read(file(name)), as: UTF8.self)
        } catch {
            throw BenchFailure("\(error)")
        }
    }

    func clear(_ name: String) { Files.remove(file(name)) }

    func remove() { Files.remove(path) }
}
