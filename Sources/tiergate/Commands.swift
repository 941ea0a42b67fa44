extension Command {
    /// Every command, in the order in which help lists them.
    static let all: [Command] = [
        .serve,
        .rulesCheck, .rulesTest, .rulesEval,
        .journalVerify,
        .completion, .help, .version,
    ]
}
