import JSON

/// Names that rules compare byte by byte: of tools, methods, fields.
enum VisibleName {
    /// Characters; the Model Context Protocol asks for at most 128.
    static let limit = 256

    /// Refuses names that look like another: with characters that cannot be seen, or that are not composed.
    static func check(_ name: Text) throws(WireError) {
        guard !name.isEmpty, name.utf8.count <= limit else { throw .malformedName }
        if name.utf8.allSatisfy(ByteClass.isVisible) { return }
        guard var scalars = try? UTF8Span(validating: name.utf8.span), scalars.checkForNFC(quickCheck: false),
            name.string.unicodeScalars.allSatisfy({ $0 == " " || isVisible($0) })
        else { throw .malformedName }
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        guard !scalar.properties.isDefaultIgnorableCodePoint else { return false }
        return switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            false
        default: true
        }
    }
}
