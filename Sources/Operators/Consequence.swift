import Calls

/// What letting a call go means, in words for one who has seconds to decide.
enum Consequence {
    static func sentences(tier: Tier, category: Category?, flags: [Flag]) -> [String] {
        [reach(tier, category)] + flags.map(warning)
    }

    private static func reach(_ tier: Tier, _ category: Category?) -> String {
        switch category {
        case .deploy: "Changes what runs: users meet it at once, and taking it back is another deployment."
        case .communication: "Reaches other people: what was read cannot be unread."
        case .financial: "Moves money: getting it back is up to whoever received it."
        case .deletion: "Destroys data: only a backup, if there is one, brings it back."
        case .privilege: "Changes who may do what: what is done with it meanwhile stays done."
        case nil: reach(tier)
        }
    }

    private static func reach(_ tier: Tier) -> String {
        switch tier {
        case .readOnly: "Reads, and changes nothing outside."
        case .reversible: "Can be undone by the same interface."
        case .external: "Reaches a third party, who sees it at once."
        case .irreversible: "Cannot be taken back."
        }
    }

    private static func warning(_ flag: Flag) -> String {
        switch flag {
        case .injection: "Flagged injection: content that the agent read may have asked for this, not its user."
        case .secret: "Flagged secret: it carries something that looks like a credential."
        case .taint: "Flagged taint: values in it come from content that nobody vouches for."
        case .budget: "Flagged budget: the session goes beyond what it was given."
        }
    }

    /// The first amount with its currency that these sentences name: `25.00 USD`.
    static func money(in sentences: [String]) -> String? {
        for sentence in sentences {
            let words = sentence.split(separator: " ")
            for (amount, currency) in zip(words, words.dropFirst()) where isAmount(amount) {
                let code = currency.prefix { $0.isASCII && $0.isUppercase }
                if code.utf8.count == 3, currency.dropFirst(3).allSatisfy({ $0 == "," || $0 == "." || $0 == ";" }) {
                    return "\(amount) \(code)"
                }
            }
        }
        return nil
    }

    private static func isAmount(_ word: Substring) -> Bool {
        let bytes = word.utf8
        guard let first = bytes.first, first &- 0x30 < 10 else { return false }
        return bytes.allSatisfy { $0 &- 0x30 < 10 || $0 == 0x2E || $0 == 0x2C }
    }
}
