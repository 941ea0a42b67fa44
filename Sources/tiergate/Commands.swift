extension Command {
    /// Every command, in the order in which help lists them.
    static let all: [Command] = [
        .demo,
        .run, .serve, .sidecarInit,
        .held, .show, .approve, .reject, .edit, .reopen, .resolve, .claim, .handover, .extend, .ask,
        .kill, .freeze, .resume,
        .sessions, .agentsAdd, .agentsList, .agentsRemove,
        .rulesCheck, .rulesTest, .rulesExplain, .rulesEval, .rulesDiff, .rulesReplay, .rulesFormat, .rulesSchema,
        .rulesGrant,
        .rulesImport,
        .rulesCel,
        .journalVerify,
        .caShow, .caEnv, .doctor,
        .completion, .help, .version,
        .completionIDs, .demoAgent, .escapeAttempts,
    ]
}
