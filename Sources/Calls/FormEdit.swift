package import JSON

/// A change to one field of a form.
package struct FormEdit: Hashable, Sendable {
    package let name: Text
    /// Which of several fields of that name, from nought; one more than there are adds one.
    package let place: Int
    /// Nil takes the field away.
    package let value: Text?

    package init(_ name: Text, place: Int = 0, to value: Text?) {
        self.name = name
        self.place = place
        self.value = value
    }

    /// The body after all of them, one after the other; fields that are not named keep their spelling and their order.
    ///
    /// - Parameter parameters: what the reader of the call read out of `body`.
    static func apply(
        _ edits: [FormEdit], to body: [UInt8], reading parameters: [Parameter]
    ) throws(CallEditFailure) -> (body: [UInt8], parameters: [Parameter]) {
        var fields = zip(
            body.split(separator: 0x26, omittingEmptySubsequences: true).map { Array($0) }, parameters
        ).map { (spelling: $0, parameter: $1) }
        guard fields.count == parameters.count,
            body.split(separator: 0x26, omittingEmptySubsequences: true).count == parameters.count
        else { throw CallEditFailure("its form is not spelled as it is read") }
        for edit in edits {
            let places = fields.indices.filter { fields[$0].parameter.name == edit.name }
            guard edit.place >= 0, edit.place <= places.count else {
                throw CallEditFailure("the form has \(places.count) fields \(visible(edit.name.string))")
            }
            guard let value = edit.value else {
                guard edit.place < places.count else {
                    throw CallEditFailure("the form has no field \(visible(edit.name.string)) to take away")
                }
                fields.remove(at: places[edit.place])
                continue
            }
            let field = (spelling: encoded(edit.name) + [0x3D] + encoded(value), Parameter(edit.name, value))
            if edit.place < places.count {
                fields[places[edit.place]] = field
            } else {
                // Fields of one name stay together: servers that make a list of them keep its order.
                fields.insert(field, at: places.last.map { $0 + 1 } ?? fields.count)
            }
        }
        return (Array(fields.map(\.spelling).joined(separator: [0x26])), fields.map(\.parameter))
    }

    /// As forms spell text: a blank is `+`, everything but unreserved characters is percent-encoded.
    private static func encoded(_ text: Text) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        return text.utf8.flatMap { byte -> [UInt8] in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: [byte]
            case 0x20: [0x2B]
            default: [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
    }
}
