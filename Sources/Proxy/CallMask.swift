package import Calls
package import Crypto
import JSON
import Wire

/// Makes of a call what a recording may have of it: the same call for every rule, and no secret.
///
/// Whatever says in whose name the call acts becomes a keyed hash; of the body only what rules can look into is kept.
package struct CallMask {
    let placeholder: SecretPlaceholder
    /// Bytes of a body that are kept.
    let bodyLimit: Int
    private var text: TextMask { TextMask(placeholder: placeholder) }

    package init(key: HMAC, bodyLimit: Int) {
        placeholder = SecretPlaceholder(key: key)
        self.bodyLimit = bodyLimit
    }

    /// A call as a message, and what there is of its body.
    package func masked(_ call: Call) -> (message: [UInt8], content: RecordedCall.Content) {
        var secrets: [ArraySlice<UInt8>] = []
        let (body, content, type) = BodyMask(mask: self, text: text).masked(call, limit: bodyLimit)
        var message = head(call, type: type, isUnpacked: content == .kept, &secrets) + body
        for secret in secrets where secret.count >= SecretPlaceholder.shortest {
            message = replacing(secret, in: message)
        }
        return (message, content)
    }

    // MARK: The head

    private func head(
        _ call: Call, type: String?, isUnpacked: Bool, _ secrets: inout [ArraySlice<UInt8>]
    ) -> [UInt8] {
        let target = call.target
        let host = target.authority.hostField(for: target.scheme)
        var head = Array("\(call.method) \(target.scheme.rawValue)://\(host)".utf8)
        head += spelling(target, &secrets)
        head += Array(" HTTP/1.1\r\nHost: \(host)\r\n".utf8)
        for index in 0..<call.fields.count {
            let known = call.fields.known(at: index)
            if isUnpacked, known == .contentEncoding { continue }
            head += call.fields.name(at: index)
            head += Array(": ".utf8)
            if known == .contentType, let type {
                head += Array(type.utf8)
            } else {
                head += field(call, index, &secrets)
            }
            head += Array("\r\n".utf8)
        }
        return head + Array("\r\n".utf8)
    }

    private func field(_ call: Call, _ index: Int, _ secrets: inout [ArraySlice<UInt8>]) -> [UInt8] {
        let (name, value) = (call.fields.name(at: index), call.fields.value(at: index))
        let known = call.fields.known(at: index)
        guard known.isCredential || known == .mcpSession || SecretNames.hides(Text(utf8: name) ?? "", isInBody: false)
        else { return text.masked(value) }
        let principal = known.isCredential ? hash(call.principal) : nil
        return credential(value, isAuthorization: known == .authorization, principal, &secrets)
    }

    /// What the journal calls it; nil where that is a name, and the hash of what stands there is used.
    private func hash(_ principal: Principal) -> String? {
        switch principal {
        case .opaque(let hash): hash
        case .token:
            hexadecimal(placeholder.key.authenticate(Array("\(principal)".utf8)).bytes.prefix(8))
        case .none, .aws: nil
        }
    }

    /// The value of a field, with its scheme, its separators and the beginnings of its keys, without the rest.
    private func credential(
        _ value: ArraySlice<UInt8>, isAuthorization: Bool, _ principal: String?, _ secrets: inout [ArraySlice<UInt8>]
    ) -> [UInt8] {
        if isAuthorization, value.starts(with: "AWS4-".utf8) { return signature(value) }
        var out: [UInt8] = []
        var rest = value
        if isAuthorization, let blank = value.firstIndex(of: 0x20), value[..<blank].count <= Self.longestScheme {
            let scheme = value[...blank]
            out += scheme
            rest = value[scheme.endIndex...]
            if isPrefixed(scheme, "basic "), let basic = basic(rest, principal, &secrets) { return out + basic }
        }
        while let start = rest.firstIndex(where: { !Self.separators.contains($0) }) {
            out += rest[..<start]
            let run = rest[start...].prefix { !Self.separators.contains($0) }
            rest = rest[run.endIndex...]
            if isAuthorization, Self.schemes.contains(where: { run.count == $0.utf8.count && isPrefixed(run, $0) }) {
                out += run
            } else {
                secrets.append(run)
                out += placeholder.bytes(for: run, principal: principal, keepingMarks: true)
            }
        }
        return out + rest
    }

    private static let longestScheme = 24
    private static let separators = Set(" \t,;\"".utf8)
    private static let schemes = ["bearer", "basic", "token", "bot"]

    private func isPrefixed(_ value: ArraySlice<UInt8>, _ prefix: String) -> Bool {
        value.count >= prefix.utf8.count && zip(value, prefix.utf8).allSatisfy { $0 | 0x20 == $1 | 0x20 }
    }

    /// `user:password` in base64: a key may be either, and is hashed inside, so that its beginning keeps its spelling.
    private func basic(
        _ value: ArraySlice<UInt8>, _ principal: String?, _ secrets: inout [ArraySlice<UInt8>]
    ) -> [UInt8]? {
        let unpadded = value.prefix { $0 != 0x3D }.map { $0 == 0x2B ? 0x2D : $0 == 0x2F ? 0x5F : $0 }
        guard let pair = Base64URL.decode(unpadded[...]), let colon = pair.firstIndex(of: 0x3A) else { return nil }
        let (user, password) = (pair[..<colon], pair[(colon + 1)...])
        var out = user.isEmpty ? [] : placeholder.bytes(for: user, principal: principal)
        out.append(0x3A)
        if !password.isEmpty { out += placeholder.bytes(for: password, principal: principal) }
        // A user's name beside a password may stand elsewhere as what it is: a name.
        secrets += [value, password.isEmpty ? user : password]
        return Array(Base64URL.encodeStandard(out[...]).utf8)
    }

    /// `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`: the access key's id is a name, and who signs.
    private func signature(_ value: ArraySlice<UInt8>) -> [UInt8] {
        let name = Array("Signature=".utf8)
        guard let start = value.indices.last(where: { value[$0...].starts(with: name) }) else {
            return placeholder.bytes(for: value)
        }
        let begin = start + name.count
        let end = value[begin...].firstIndex { $0 == 0x2C || $0 == 0x20 } ?? value.endIndex
        return Array(value[..<begin]) + placeholder.bytes(for: value[begin..<end]) + Array(value[end...])
    }

    // MARK: The target

    private func spelling(_ target: Target, _ secrets: inout [ArraySlice<UInt8>]) -> [UInt8] {
        let spelling = target.spelling.bytes
        let bare = spelling.prefix { $0 != 0x3F }
        let path = path(bare, target.authority.host, &secrets)
        guard target.query.contains(where: { SecretNames.hides($0.name, isInBody: false) }) else {
            return path + text.masked(spelling[bare.endIndex...])
        }
        var query: [UInt8] = []
        for parameter in target.query {
            query.append(query.isEmpty ? 0x3F : 0x26)
            query += FormText.encoded(parameter.name.utf8)
            query.append(0x3D)
            query += FormText.encoded(value(of: parameter, isInBody: false, &secrets))
        }
        return path + query
    }

    /// The value of a parameter of a query or a form.
    func value(of parameter: Parameter, isInBody: Bool, _ secrets: inout [ArraySlice<UInt8>]) -> [UInt8] {
        let value = parameter.value.bytes
        // Amazon's presigned URLs have the credential's scope under a secret's name; it says who signs.
        let isScope = parameter.name == "X-Amz-Credential"
        guard !value.isEmpty, !isScope, SecretNames.hides(parameter.name, isInBody: isInBody) else {
            return text.masked(value[...])
        }
        secrets.append(value[...])
        return placeholder.bytes(for: value[...])
    }

    /// Services that have their token in the path: Telegram's `/bot123:token/…`, Slack's and Discord's webhooks.
    private func path(
        _ path: ArraySlice<UInt8>, _ host: Text, _ secrets: inout [ArraySlice<UInt8>]
    ) -> [UInt8] {
        let isHook = host == "hooks.slack.com" || path.starts(with: "/api/webhooks/".utf8)
        var out: [UInt8] = []
        for (number, segment) in path.split(separator: 0x2F, omittingEmptySubsequences: false).enumerated() {
            if number > 0 { out.append(0x2F) }
            let isBot =
                segment.starts(with: "bot".utf8) && segment.count > 30
                && segment.contains { $0 == 0x3A || $0 == 0x25 }
            let isToken = isHook && (host == "hooks.slack.com" ? number > 1 : number > 3) && segment.count > 7
            if isBot {
                secrets.append(segment)
                out += Array("bot".utf8) + placeholder.bytes(for: segment.dropFirst(3))
            } else if isToken {
                secrets.append(segment)
                out += placeholder.bytes(for: segment)
            } else {
                out += text.masked(segment)
            }
        }
        return out
    }

    // MARK: The same again

    /// A credential that the call has once more where nobody looks for one.
    private func replacing(_ secret: ArraySlice<UInt8>, in message: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        var start = 0
        while let found = firstRange(of: secret, in: message, from: start) {
            out += message[start..<found.lowerBound] + placeholder.bytes(for: secret)
            start = found.upperBound
        }
        return start == 0 ? message : out + message[start...]
    }

    private func firstRange(of pattern: ArraySlice<UInt8>, in bytes: [UInt8], from start: Int) -> Range<Int>? {
        guard let first = pattern.first else { return nil }
        var index = start
        while let found = bytes[index...].firstIndex(of: first) {
            if bytes[found...].starts(with: pattern) { return found..<found + pattern.count }
            index = found + 1
        }
        return nil
    }
}

/// Percent-encoding as queries and forms have it.
enum FormText {
    static func encoded(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        var out: [UInt8] = []
        for byte in bytes {
            if SecretPlaceholder.isWord(byte) || byte == 0x2D || byte == 0x2E || byte == 0x7E {
                out.append(byte)
            } else {
                out += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return out
    }
}
