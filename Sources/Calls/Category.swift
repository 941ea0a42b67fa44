/// The five kinds of call that cannot be taken back; a category alone makes a call tier 4.
package enum Category: String, Sendable, CaseIterable {
    case deploy, communication, financial, deletion, privilege
}
