import Glibc
import System

/// What the measurements have in common: a place of their own, words on standard error, and an exit status.
enum Measurement {
    /// - Parameter body: gets a loop on the calling thread, and a directory that is removed in the end.
    static func run(
        _ words: [String], options: [String], _ body: (Options, EventLoop, ScratchDirectory) throws -> Void
    ) -> CInt {
        do {
            let options = try Options(words, known: options + ["--directory"])
            try Namespace.enter()
            Interruption.watch()
            Machine.raiseDescriptorLimit()
            let directory = try ScratchDirectory(in: options.text("--directory"))
            defer { directory.remove() }
            try body(options, EventLoop(), directory)
            return 0
        } catch let misuse as Options.Misuse {
            StandardError.write("tiergate-bench: \(misuse)\n")
            return 2
        } catch {
            StandardError.write("tiergate-bench: \(error)\n")
            return 1
        }
    }

    static func progress(_ text: String) { StandardError.write("\(text)\n") }
}
