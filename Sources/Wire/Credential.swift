package import Calls
import JSON

/// What a call presents to act in somebody's name, read but not verified: the upstream does that.
package enum Credential: Sendable, Hashable {
    case none
    case aws(AWSCredential)
    /// A JSON Web Token: `expires` in seconds since 1970, as it says itself.
    case token(issuer: String, subject: String, audience: String, expires: Int64?)
    /// Anything else, whole: for a keyed hash, and never for a message.
    case opaque([UInt8])

    /// The credential of a call. Several at once are one opaque credential over all of them.
    package static func read(_ fields: Fields, query: [Parameter]) -> Credential {
        guard fields.hasCredential || !query.isEmpty else { return .none }
        // Most calls have one, in a field.
        if query.isEmpty, let only = onlyCarrier(fields) { return read(fields, at: only) }
        let carriers = (0..<fields.count).filter { fields.known(at: $0).isCredential }
        // A session token belongs to the AWS credential that it comes with.
        let main = carriers.filter { fields.known(at: $0) != .amazonToken }
        let presigned = query.filter { $0.name == "X-Amz-Credential" }
        if main.isEmpty, presigned.isEmpty { return carriers.isEmpty ? .none : opaque(fields, carriers, presigned) }
        if let only = main.first, main.count == 1, presigned.isEmpty {
            if carriers.count == 1 { return read(fields, at: only) }
            if let aws = aws(fields, at: only) { return .aws(aws) }
        }
        if let only = presigned.first, presigned.count == 1, main.isEmpty {
            let dates = query.filter { $0.name == "X-Amz-Date" }
            let signed = dates.first.flatMap { AWSCredential.seconds($0.value.bytes[...]) }
            if dates.count == 1, let aws = AWSCredential(scope: only.value.bytes[...], signed: signed) {
                return .aws(aws)
            }
        }
        return opaque(fields, carriers, presigned)
    }

    /// The one field with a credential; nil where there are several or none.
    private static func onlyCarrier(_ fields: Fields) -> Int? {
        var only: Int?
        for index in 0..<fields.count where fields.known(at: index).isCredential {
            guard only == nil else { return nil }
            only = index
        }
        return only
    }

    /// The credential of a call that has it in this field alone.
    private static func read(_ fields: Fields, at only: Int) -> Credential {
        if let aws = aws(fields, at: only) { return .aws(aws) }
        let (name, value) = (fields.name(at: only), fields.value(at: only))
        if fields.known(at: only) == .authorization, let token = token(value) { return token }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 + name.count + value.count)
        append(counts: name.count, value.count, to: &bytes)
        for byte in name { bytes.append(byte &- 0x41 < 26 ? byte | 0x20 : byte) }
        bytes.append(contentsOf: value)
        return .opaque(bytes)
    }

    private static func aws(_ fields: Fields, at only: Int) -> AWSCredential? {
        guard fields.known(at: only) == .authorization else { return nil }
        let signed = fields.first(.amazonDate).flatMap(AWSCredential.seconds)
        return AWSCredential(authorization: fields.value(at: only), signed: signed)
    }

    /// In front of a name and its value, so that no two sets of credentials are the same bytes.
    private static func append(counts name: Int, _ value: Int, to bytes: inout [UInt8]) {
        append(count: name, to: &bytes)
        append(count: value, to: &bytes)
    }

    private static func append(count: Int, to bytes: inout [UInt8]) {
        var shift = 24
        while shift >= 0 {
            bytes.append(UInt8(truncatingIfNeeded: count >> shift))
            shift -= 8
        }
    }

    /// Names and values with their lengths, of several.
    private static func opaque(_ fields: Fields, _ carriers: [Int], _ presigned: [Parameter]) -> Credential {
        var bytes: [UInt8] = []
        func append(_ name: [UInt8], _ value: some Collection<UInt8>) {
            Self.append(counts: name.count, value.count, to: &bytes)
            bytes += name
            bytes += value
        }
        let named = carriers.map { (name: Array(smallLetters(fields.name(at: $0)).utf8), index: $0) }
        for (name, index) in named.sorted(by: { $0.name.lexicographicallyPrecedes($1.name) }) {
            append(name, fields.value(at: index))
        }
        for parameter in presigned { append(parameter.name.bytes, parameter.value.bytes) }
        return .opaque(bytes)
    }

    /// `Bearer header.payload.signature`, where the payload names issuer and subject; nil for any other token.
    private static func token(_ value: ArraySlice<UInt8>) -> Credential? {
        guard isPrefixed(value, "bearer "), value.contains(0x2E) else { return nil }
        let words = value.split(separator: 0x20, omittingEmptySubsequences: false)
        guard words.count == 2 else { return nil }
        let parts = words[1].split(separator: 0x2E, omittingEmptySubsequences: false)
        guard parts.count == 3, Base64URL.decode(parts[2]) != nil, let header = object(parts[0]), header["alg"] != nil,
            let payload = object(parts[1]), let issuer = payload["iss"]?.text, let subject = payload["sub"]?.text
        else { return nil }
        var audience = ""
        if let claim = payload["aud"] {
            let texts = claim.kind == .array ? claim.elements.map(\.text) : [claim.text]
            guard !texts.contains(nil) else { return nil }
            audience = texts.compactMap { $0?.string }.joined(separator: " ")
        }
        return .token(
            issuer: issuer.string, subject: subject.string, audience: audience, expires: payload["exp"]?.integer)
    }

    private static func object(_ part: ArraySlice<UInt8>) -> JSONNode? {
        guard let bytes = Base64URL.decode(part), let document = try? JSONDocument.parse(bytes),
            document.root.kind == .object
        else { return nil }
        return document.root
    }
}

extension Credential {
    /// How old a Signature Version 4 may be when a stored call is sent; AWS refuses it after 15 minutes.
    package static let signatureLife = Interval.minutes(5)

    /// Whether the credential says of itself that it is too old to be used.
    package func isStale(at now: Timestamp) -> Bool {
        switch self {
        case .none, .opaque: return false
        case .aws(let credential):
            guard let signed = credential.signed else { return true }
            return now - Timestamp(milliseconds: signed &* 1000) > Credential.signatureLife
        case .token(_, _, _, let expires):
            return expires.map { now >= Timestamp(milliseconds: $0 &* 1000) } ?? false
        }
    }
}
