import JSON

/// As the Kubernetes API speaks of errors: a `Status` object, of which clients show `message`.
extension Refusal {
    var kubernetesStatus: [UInt8] {
        JSONWriter.object { body in
            body.field("kind", "Status")
            body.field("apiVersion", "v1")
            body.object("metadata") { _ in }
            body.field("status", "Failure")
            body.field("message", detail)
            body.field("code", status)
            write(common: &body)
        }
    }
}
