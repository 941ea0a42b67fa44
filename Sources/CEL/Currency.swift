/// A currency of ISO 4217.
struct Currency: Sendable {
    let code: String
    /// Digits behind the point of the unit.
    let exponent: Int

    /// Nil for what is no currency in use; small letters are allowed, as some services write them.
    init?(_ text: ByteString) {
        guard text.count == 3, text.slice.allSatisfy({ ($0 | 0x20) &- 0x61 < 26 }) else { return nil }
        let code = String(decoding: text.slice.map { $0 & 0xDF }, as: UTF8.self)
        guard let exponent = Self.exponents[code] else { return nil }
        self.code = code
        self.exponent = exponent
    }

    /// `25.00 USD` for a number of the smallest unit.
    func text(minor: Int64) -> String {
        var digits = String(minor.magnitude)
        if exponent > 0 {
            digits = String(repeating: "0", count: max(0, exponent + 1 - digits.utf8.count)) + digits
            digits.insert(".", at: digits.index(digits.endIndex, offsetBy: -exponent))
        }
        return "\(minor < 0 ? "-" : "")\(digits) \(code)"
    }

    private static let exponents: [String: Int] = {
        let byExponent: [(Int, String)] = [
            (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
            (3, "BHD IQD JOD KWD LYD OMR TND"),
            (4, "CLF UYW"),
            (
                2,
                """
                AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY \
                COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS \
                INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR \
                MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD \
                SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG
                """
            ),
        ]
        var table: [String: Int] = [:]
        for (exponent, codes) in byExponent {
            for code in codes.split(separator: " ") { table[String(code)] = exponent }
        }
        return table
    }()
}
