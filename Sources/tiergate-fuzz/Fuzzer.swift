#if FUZZING
    import Glibc

    /// libFuzzer, which has no header for Swift. C's calling convention and Swift's are the same for these three words.
    @_silgen_name("LLVMFuzzerRunDriver")
    private func runDriver(
        _ count: UnsafeMutablePointer<CInt>,
        _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
        _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
    ) -> CInt

    enum Fuzzer {
        // Written once, before the driver calls back on the same thread.
        private nonisolated(unsafe) static var target: FuzzTarget?

        /// Hands the rest of the command line to libFuzzer and never comes back.
        static func drive(_ target: FuzzTarget) {
            self.target = target
            // The driver starts itself anew for some of its modes: it must see the target's name as part of its own.
            var count = CommandLine.argc - 1
            var arguments = CommandLine.unsafeArgv + 1
            exit(
                runDriver(&count, &arguments) { start, count in
                    if let target = Fuzzer.target {
                        Main.check(Array(UnsafeBufferPointer(start: start, count: count)), target)
                    }
                    return 0
                })
        }
    }
#endif
