package import Calls
import JSON

/// Finds the API operation in a call to AWS, whichever of its protocols says it.
package enum AWSOperation {
    /// Nil for calls that method and path describe (S3, Lambda and the other REST services) and for every other API.
    package static func read(
        _ target: Target, _ fields: Fields, _ document: Document, credential: Credential
    ) throws(WireError) -> Operation? {
        guard let service = service(target, credential), service != "s3" else { return nil }
        var actions = parameters("Action", in: target.query)
        if case .form(let form) = document { actions += parameters("Action", in: form) }
        if let name = fields.first(.amazonTarget) {
            // `DynamoDB_20120810.PutItem`, with a package name in front for some services.
            let action = name.split(separator: 0x2E, omittingEmptySubsequences: false).last ?? []
            guard let text = Text(utf8: action), !text.isEmpty else { throw .ambiguousOperation }
            actions.append(text)
        }
        let path = target.segments
        if fields.contains(.smithyProtocol), path.count == 4, path[0] == "service", path[2] == "operation" {
            actions.append(path[3])
        }
        guard actions.count <= 1 else { throw .ambiguousOperation }
        return actions.first.map { .aws(service: Text(service), action: $0) }
    }

    /// The host says it where it is Amazon's, because a false scope would not pass there; elsewhere (a private endpoint,
    /// a test server) the credential scope does.
    private static func service(_ target: Target, _ credential: Credential) -> String? {
        if let host = AWSHost(target.authority.host) { return host.service }
        if case .aws(let credential) = credential { return credential.service }
        return nil
    }

    private static func parameters(_ name: Text, in parameters: [Parameter]) -> [Text] {
        parameters.filter { $0.name == name }.map(\.value)
    }
}
