import Calls
import JSON
import Wire

extension FuzzTarget {
    static let credential = FuzzTarget(
        name: "credential",
        summary: "credentials in fields and queries: AWS signatures, tokens, cookies; age at the ends of time",
        seeds: [
            "\nAuthorization: Bearer eyJhbGciOiJub25lIn0.eyJpc3MiOiJpIiwic3ViIjoicyIsImF1ZCI6WyJhIiwiYiJdLCJleHAiOjF9.",
            "\nAuthorization: AWS4-HMAC-SHA256 Credential=AK/20261121/us-east-1/s3/aws4_request, SignedHeaders=host, "
                + "Signature=ab\nX-Amz-Date: 20261121T030405Z\nX-Amz-Security-Token: t",
            "X-Amz-Credential=AK%2F20261121%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20261121T030405Z",
            "\nAuthorization: Basic YTpi\nCookie: a=b; c=d", "\nX-Api-Key: k\nAuthorization: Bearer x",
        ].map(\.bytes),
        dictionary: [
            "Authorization: ", "Bearer ", "Basic ", "AWS4-HMAC-SHA256 ", "AWS4-ECDSA-P256-SHA256 ", "Credential=",
            "aws4_request", "X-Amz-Date: ", "X-Amz-Credential=", "X-Amz-Security-Token: ", "Cookie: ", "X-Api-Key: ",
            "Proxy-Authorization: ", "eyJ", "\"exp\":9223372036854775807", "99991231T235959Z", "00000101T000000Z",
        ],
        run: { bytes throws(Finding) in
            let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
            guard let first = lines.first else { return }
            var query: [Parameter] = []
            if case .form(let parameters)? = try? DocumentReader.read(
                Array(first), contentType: "application/x-www-form-urlencoded".bytes[...], contentEncoding: nil
            ).document {
                query = parameters
            }
            var fields = Fields()
            for line in lines.dropFirst() {
                let colon = line.firstIndex(of: 0x3A) ?? line.endIndex
                fields.append(line[..<colon], line[colon...].dropFirst(2))
            }
            let credential = Credential.read(fields, query: query)
            try requireSame(credential, Credential.read(fields, query: query), "a credential is read in two ways")
            for now in [Int64.min, 0, 1_795_262_400_000, Int64.max] {
                _ = credential.isStale(at: Timestamp(milliseconds: now))
            }
            if case .none = credential {
                try require(
                    !fields.contains("authorization") && !fields.contains("cookie"), "a credential is overlooked")
            }
        })
}
