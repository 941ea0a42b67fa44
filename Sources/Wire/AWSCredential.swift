/// Who signed a call to AWS, for which service and when (Signature Version 4).
package struct AWSCredential: Sendable, Hashable {
    package let keyID: String
    /// The day of the credential scope: `20261121`.
    package let date: String
    /// `*` where the signature holds in several regions.
    package let region: String
    package let service: String
    /// When the signature was made, in seconds since 1970; nil where no `X-Amz-Date` says so.
    package let signed: Int64?

    /// `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`; nil for anything else.
    init?(authorization value: ArraySlice<UInt8>, signed: Int64?) {
        guard value.starts(with: "AWS4-".utf8), let blank = value.firstIndex(of: 0x20) else { return nil }
        let name = Array("Credential=".utf8)
        let scopes = value[blank...].split(separator: 0x2C)
            .map { $0.drop(while: ByteClass.isBlank) }
            .filter { $0.starts(with: name) }
        guard let scope = scopes.first, scopes.count == 1 else { return nil }
        self.init(scope: scope.dropFirst(name.count), signed: signed)
    }

    /// `AKID/20261121/us-east-1/s3/aws4_request`; without the region in Signature Version 4A.
    init?(scope: ArraySlice<UInt8>, signed: Int64?) {
        guard scope.allSatisfy({ ByteClass.unreserved.contains($0) || $0 == 0x2F }) else { return nil }
        let parts = scope.split(separator: 0x2F, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard parts.count == 4 || parts.count == 5, parts.last == "aws4_request", !parts.contains("") else {
            return nil
        }
        keyID = parts[0]
        date = parts[1]
        region = parts.count == 5 ? parts[2] : "*"
        service = smallLetters(parts[parts.count - 2].utf8)
        self.signed = signed
    }

    /// `20261121T030405Z` in seconds since 1970.
    static func seconds(_ text: ArraySlice<UInt8>) -> Int64? {
        let bytes = Array(text)
        guard bytes.count == 16, bytes[8] == 0x54, bytes[15] == 0x5A else { return nil }
        func number(_ range: Range<Int>) -> Int64? {
            guard bytes[range].allSatisfy(ByteClass.isDigit) else { return nil }
            return bytes[range].reduce(0) { $0 * 10 + Int64($1 - 0x30) }
        }
        guard let year = number(0..<4), let month = number(4..<6), let day = number(6..<8), let hour = number(9..<11),
            let minute = number(11..<13), let second = number(13..<15), 1...12 ~= month, 1...31 ~= day
        else { return nil }
        // Civil date to days, after Howard Hinnant's proleptic Gregorian algorithm.
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        return days * 86_400 + hour * 3600 + minute * 60 + second
    }
}
