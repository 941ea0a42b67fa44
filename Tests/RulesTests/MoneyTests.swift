import CEL
import Calls
import JSON
import Testing

@testable import Rules

@Suite("Money: exact or not at all")
struct MoneyTests {
    @Test(
        "smallest units are digits and nothing else",
        arguments: [
            ("0", 0), ("2500", 2500), ("18446744073709551615", UInt64.max), ("18446744073709551616", nil), ("", nil),
            ("-1", nil), ("+1", nil), ("01", nil), ("1.0", nil), ("1e3", nil), (" 1", nil), ("1 ", nil), ("1_000", nil),
            ("0x10", nil), ("１", nil), ("٣", nil), ("NaN", nil),
        ] as [(Text, UInt64?)])
    func minor(text: Text, expected: UInt64?) {
        #expect(Money.minor(text) == expected)
    }

    @Test(
        "whole units have at most the currency's digits after the point",
        arguments: [
            ("9.99", "USD", 999), ("9.9", "USD", 990), ("9", "USD", 900), ("9.999", "USD", nil), ("9.", "USD", nil),
            (".9", "USD", nil), ("9", "JPY", 9), ("9.0", "JPY", nil), ("1.234", "KWD", 1234), ("9,99", "USD", nil),
            ("1.2.3", "USD", nil), ("-1.00", "USD", nil), ("184467440737095516.16", "USD", nil), ("1.-1", "USD", nil),
        ] as [(Text, Text, UInt64?)])
    func major(text: Text, code: Text, expected: UInt64?) throws {
        #expect(Money.major(text, try #require(Currency(code))) == expected)
    }

    @Test(
        "is shown in whole units",
        arguments: [
            (2500, "usd", "25.00 USD"), (5, "USD", "0.05 USD"), (0, "EUR", "0.00 EUR"), (2500, "JPY", "2500 JPY"),
            (1, "KWD", "0.001 KWD"),
        ] as [(UInt64, Text, String)])
    func shown(minor: UInt64, code: Text, expected: String) throws {
        #expect(Money(minor: minor, currency: try #require(Currency(code))).description == expected)
    }

    @Test(
        "a currency is three ASCII letters of the standard",
        arguments: ["zzz", "us", "usdx", "", "U$D", "ＵＳＤ"] as [Text])
    func unknownCurrency(code: Text) {
        #expect(Currency(code) == nil)
    }

    @Test("a threshold is an amount and a currency")
    func threshold() {
        #expect(Money("100 USD")?.minor == 10_000)
        #expect(Money("99.50 EUR")?.description == "99.50 EUR")
        for text in ["100", "100USD", "100  USD", "USD 100", "100 XYZ", "-1 USD"] as [Text] {
            #expect(Money(text) == nil)
        }
        #expect(Pack.defaultThreshold?.description == "100.00 USD")
    }

    @Test(
        "in whole units and another currency's threshold",
        arguments: [("19.99", Tier.external), ("20.01", .irreversible)])
    func rule(amount: String, tier: Tier) throws {
        let set = try Sample.set(
            Sample.source(
                """
                - id: pay
                  match: {host: x.test}
                  threshold: 20 EUR
                  money: {major: body.amount.value, currency: body.amount.currency_code}
                """))
        let document = try Sample.json(#"{"amount": {"value": "\#(amount)", "currency_code": "EUR"}}"#)
        #expect(set.judge(Sample.call("POST", "https://x.test/", document: document), at: Sample.now).tier == tier)
        let number = try Sample.json(#"{"amount": {"value": \#(amount), "currency_code": "EUR"}}"#)
        #expect(set.judge(Sample.call("POST", "https://x.test/", document: number), at: Sample.now).tier == tier)
    }
}

@Suite("CivilDate: the day on which an exception ends")
struct CivilDateTests {
    @Test(
        "the day itself still counts",
        arguments: [
            ("1970-01-01", 86_400_000), ("2027-06-30", 1_814_400_000_000), ("2024-02-29", 1_709_251_200_000),
            ("2000-12-31", 978_307_200_000),
        ] as [(Text, Int64)])
    func days(text: Text, end: Int64) {
        #expect(CivilDate(text)?.end.milliseconds == end)
        #expect(CivilDate(text).map { $0.end.description.hasSuffix("T00:00:00.000Z") } == true)
    }

    @Test(
        "what is no day is refused",
        arguments: [
            "2023-02-29", "2027-13-01", "2027-00-10", "2027-1-1", "27-01-01", "2027-06-31", "tomorrow", "1969-12-31",
            "",
        ]
            as [Text])
    func refused(text: Text) {
        #expect(CivilDate(text) == nil)
    }
}
