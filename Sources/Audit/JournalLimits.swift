package import Calls

/// How large the journal's files become and how long they stay; the settings `journal.*`.
package struct JournalLimits: Sendable {
    /// Bytes after which a file is ended and the next one begun.
    package var segment = 64 << 20
    /// The age at which a file is ended even where it is small; nil: never.
    package var segmentAge: Interval?
    /// How long ended files are kept; nil: for ever.
    package var keep: Interval?

    package init() {}
}
