import Jail

extension Command {
    /// Inside the jail of `doctor --escape`.
    static let escapeAttempts = Command(
        name: "escape-attempts", summary: "try to get out of the jail that this runs in",
        options: EscapeExamination.options(of: .init()).map {
            Option(name: "--\($0.0)", value: "VALUE", help: "what was laid out outside")
        },
        examples: [], isHidden: true,
        run: { invocation in
            EscapeReport.make(EscapeExamination.bait(invocation), invocation)
        })
}
