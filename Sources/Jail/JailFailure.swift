import System

/// Why a program cannot be run in a jail, and what to do about it.
package struct JailFailure: Error, CustomStringConvertible, Sendable {
    package let message: String
    package let help: String?
    /// The exit status: 125, or what a shell returns for a program that it cannot run.
    package let status: Int32
    /// The packet rules were what failed: without them a jail with listed ports is possible.
    let isForLackOfPacketRules: Bool

    /// Of whoever could not make a jail; the program's own are all others.
    package static let ownStatus: Int32 = 125

    package init(
        _ message: String, help: String? = nil, status: Int32 = ownStatus, isForLackOfPacketRules: Bool = false
    ) {
        self.message = message
        self.help = help
        self.status = status
        self.isForLackOfPacketRules = isForLackOfPacketRules
    }

    package var description: String { message }
}
