extension Command {
    /// Every command, in the order in which help lists them.
    static let all: [Command] = [
        .serve,
        .held, .show, .approve, .reject, .reopen, .resolve,
        .journalVerify,
        .completion, .completionIDs, .help, .version,
    ]
}
