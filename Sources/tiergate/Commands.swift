extension Command {
    /// Every command, in the order in which help lists them.
    static let all: [Command] = [
        .serve,
        .journalVerify,
        .completion, .help, .version,
    ]
}
