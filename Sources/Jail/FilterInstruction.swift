/// An instruction of classic BPF (`struct sock_filter`).
package struct FilterInstruction: Hashable, Sendable {
    package let code: UInt16
    /// Instructions that are left out where a test holds, and where it does not.
    package let then: UInt8
    package let otherwise: UInt8
    package let value: UInt32
}
