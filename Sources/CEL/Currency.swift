package import JSON

/// A currency of ISO 4217, with the number of digits after its point.
package struct Currency: Hashable, Sendable {
    package let code: Text
    package let exponent: Int

    /// Nil for what is no currency in use; small letters are allowed, as some services write them.
    package init?(_ text: Text) {
        guard text.utf8.count == 3 else { return nil }
        let code = text.asciiUppercased
        guard let exponent = Self.exponents[code.string] else { return nil }
        self.code = code
        self.exponent = exponent
    }

    /// A sum of the smallest unit as people write it: `25.00 USD`, `2500 JPY`.
    package func text(minor: UInt64) -> String {
        let digits = String(minor)
        guard exponent > 0 else { return "\(digits) \(code)" }
        let padded = String(repeating: "0", count: max(0, exponent + 1 - digits.utf8.count)) + digits
        return "\(padded.dropLast(exponent)).\(padded.suffix(exponent)) \(code)"
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
