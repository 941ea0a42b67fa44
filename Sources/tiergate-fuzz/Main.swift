import Glibc
import System

/// Fuzz targets by name. Built with the fuzzer (`deploy/prove fuzz`) it looks for inputs, else it replays files.
@main
enum Main {
    static func main() {
        var arguments = Array(CommandLine.arguments.dropFirst())
        if arguments == ["--names"] { return print(FuzzTarget.all.map(\.name).joined(separator: "\n")) }
        guard let name = arguments.first, let target = FuzzTarget.all.first(where: { $0.name == name }) else {
            return usage()
        }
        arguments.removeFirst()
        if arguments.first == "--seeds", arguments.count == 3 {
            return writeSeeds(of: target, to: arguments[1], dictionary: arguments[2])
        }
        #if FUZZING
            Fuzzer.drive(target)
        #else
            for path in arguments { replay(path, target) }
        #endif
    }

    /// Ends the process where the property does not hold: the fuzzer and a person see the same.
    static func check(_ bytes: [UInt8], _ target: FuzzTarget) {
        do throws(Finding) {
            try target.run(bytes)
        } catch {
            StandardError.write("finding in \(target.name): \(error)\n")
            abort()
        }
    }

    private static func replay(_ path: String, _ target: FuzzTarget) {
        do throws(IOError) {
            check(try Files.read(path), target)
            print("\(path): nothing found")
        } catch {
            StandardError.write("tiergate-fuzz: \(error)\n")
            exit(1)
        }
    }

    private static func writeSeeds(of target: FuzzTarget, to directory: String, dictionary: String) {
        let words = target.dictionary.map { word in
            let escaped = word.utf8.map { byte -> String in
                let digits = String(byte, radix: 16)
                return "\\x" + (digits.utf8.count == 1 ? "0" + digits : digits)
            }
            return "\"\(escaped.joined())\"\n"
        }
        write(Array(words.joined().utf8), to: dictionary)
        for (number, seed) in target.seeds.enumerated() { write(seed, to: "\(directory)/seed-\(number)") }
    }

    private static func write(_ bytes: [UInt8], to path: String) {
        guard let file = fopen(path, "w"), fwrite(bytes, 1, bytes.count, file) == bytes.count, fclose(file) == 0 else {
            StandardError.write("tiergate-fuzz: cannot write \(path)\n")
            exit(1)
        }
    }

    private static func usage() {
        StandardError.write("usage: tiergate-fuzz TARGET FILE…   (replays; `deploy/prove fuzz` looks for new ones)\n")
        for target in FuzzTarget.all { StandardError.write("  \(target.name)  \(target.summary)\n") }
        exit(2)
    }
}
