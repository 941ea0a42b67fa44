import JSON

/// As GraphQL speaks of errors. What is not the specification's is in `extensions`: other members at the top are not
/// allowed there.
extension Refusal {
    var graphqlErrors: [UInt8] {
        JSONWriter.object { body in
            body.array("errors") { errors in
                errors.object { error in
                    error.field("message", detail)
                    error.object("extensions") { extensions in
                        extensions.field("code", code == "held" ? "HELD_FOR_APPROVAL" : code.uppercased())
                        extensions.object("http") { $0.field("status", status) }
                        write(particulars: &extensions)
                    }
                }
            }
        }
    }
}
