package import Calls
import JSON

/// The canonical bytes of what would be sent, whose hash is a hold's digest.
///
/// Left out, by a fixed list: what clients change between two attempts at the same action. The credential stands as its
/// principal: another principal is another action.
package enum ActionBytes {
    /// Dates, trace ids, attempt counters, and how the client describes itself.
    private static let volatile: Set<Text> = [
        "date", "x-amz-date", "amz-sdk-request", "amz-sdk-invocation-id", "x-amzn-trace-id", "x-stainless-retry-count",
        "x-stainless-read-timeout", "x-stripe-client-telemetry", "x-client-request-id", "x-ms-client-request-id",
        "x-ms-date", "x-request-id", "x-correlation-id", "traceparent", "tracestate", "baggage", "b3", "user-agent",
        "sentry-trace", "x-goog-request-params-hash", "x-cloud-trace-context",
    ]

    /// Secrets: their principal is in the bytes instead.
    private static let credentials = Set(CredentialFields.names.map { Text($0) })

    private static let idempotencyKey: Text = "idempotency-key"

    /// What an approval is bound to.
    package static func digestInput(_ call: Call, bodyDigest: Digest) -> [UInt8] {
        encode(call, bodyDigest: bodyDigest, leavingOut: [])
    }

    /// What makes a later call the same call again: the session, and the digest's input without the Idempotency-Key and
    /// the boundary that a client draws anew for each multipart body.
    package static func repeatInput(_ call: Call, bodyDigest: (_ boundary: [UInt8]?) -> Digest) -> [UInt8] {
        let boundary = multipartBoundary(of: call)
        let out: Set<Text> = boundary == nil ? [idempotencyKey] : [idempotencyKey, "content-type"]
        return encode(call, bodyDigest: bodyDigest(boundary), leavingOut: out)
    }

    /// Hashed, it names an Idempotency-Key in one session at one authority; nil without a key.
    package static func idempotencyInput(_ call: Call) -> [UInt8]? {
        guard let key = call.fields.first(.idempotencyKey) else { return nil }
        var bytes: [UInt8] = []
        append(call.session.description.utf8, to: &bytes)
        append(call.target.authority.description.utf8, to: &bytes)
        append(key, to: &bytes)
        return bytes
    }

    private static func encode(_ call: Call, bodyDigest: Digest, leavingOut out: Set<Text>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512)
        append("tiergate-action-1".utf8, to: &bytes)
        append(call.session.description.utf8, to: &bytes)
        append(call.method.utf8, to: &bytes)
        append(call.target.scheme.rawValue.utf8, to: &bytes)
        append(call.target.authority.description.utf8, to: &bytes)
        append(call.target.spelling.utf8, to: &bytes)
        append(principal(call.principal).utf8, to: &bytes)
        // Some clients shuffle their fields between attempts; the order of different names means nothing (RFC 9110
        // section 5.3), the order of equal ones does, and the sort is stable.
        let names = (0..<call.fields.count).compactMap { index -> (Text, Int)? in
            guard let name = Text(utf8: call.fields.name(at: index))?.asciiLowercased else { return nil }
            return isDrawnAnew(name) || out.contains(name) ? nil : (name, index)
        }
        for (name, index) in names.sorted(by: { ($0.0, $0.1) < ($1.0, $1.1) }) {
            append(name.utf8, to: &bytes)
            append(call.fields.value(at: index), to: &bytes)
        }
        append(bodyDigest.bytes, to: &bytes)
        return bytes
    }

    /// Whether a client may send another value of the field with each attempt, and the digest has nothing of it.
    static func isDrawnAnew(_ name: ArraySlice<UInt8>) -> Bool {
        Text(utf8: name).map { isDrawnAnew($0.asciiLowercased) } ?? false
    }

    private static func isDrawnAnew(_ name: Text) -> Bool {
        volatile.contains(name) || credentials.contains(name) || name.hasPrefix("x-b3-")
    }

    private static func principal(_ principal: Principal) -> String {
        switch principal {
        case .none: "none"
        case .aws(let key): "aws \(key)"
        case .token(let issuer, let subject, let audience):
            "token \(issuer.utf8.count):\(issuer)\(subject.utf8.count):\(subject)\(audience)"
        case .opaque(let hash): "opaque \(hash)"
        }
    }

    /// The boundary of `multipart/…; boundary=X`; parameter names are spelled in any case (RFC 9110 section 5.6.6).
    static func multipartBoundary(of call: Call) -> [UInt8]? {
        guard let type = call.fields.text("content-type"), type.asciiLowercased.hasPrefix("multipart/"),
            let start = type.asciiLowercased.bytes.firstRange(of: "boundary=".utf8)
        else { return nil }
        let rest = type.bytes[start.upperBound...]
        let boundary =
            rest.first == 0x22 ? rest.dropFirst().prefix { $0 != 0x22 } : rest.prefix { $0 != 0x3B && $0 != 0x20 }
        return boundary.isEmpty ? nil : Array(boundary)
    }

    /// Length before content: no two different lists of parts give the same bytes.
    private static func append(_ part: some Collection<UInt8>, to bytes: inout [UInt8]) {
        let count = UInt64(part.count)
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: count >> UInt64(shift)))
        }
        bytes.append(contentsOf: part)
    }
}

extension Collection<UInt8> {
    fileprivate func firstRange(of pattern: some Collection<UInt8>) -> Range<Index>? {
        var start = startIndex
        while start != endIndex {
            if self[start...].starts(with: pattern) {
                return start..<index(start, offsetBy: pattern.count)
            }
            formIndex(after: &start)
        }
        return nil
    }
}
