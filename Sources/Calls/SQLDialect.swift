/// Where readers of SQL disagree about what is a string, a name or a comment.
struct SQLDialect {
    /// `\'` inside a string stands for a quote.
    var escapesWithBackslash = false
    /// `#` begins a comment.
    var hashComments = false
    /// `//` begins a comment.
    var slashComments = false
    /// `--` begins a comment only with a blank behind it.
    var dashesNeedBlank = false
    /// Comments nest.
    var nestedComments = false
    /// `/*! … */` is code.
    var versionComments = false
    /// `$$ … $$` is a string.
    var dollarQuotes = false
    /// `[name]` is a name.
    var brackets = false
    /// Three quotes in a row begin a string that three of them end.
    var tripleQuotes = false

    /// PostgreSQL and its kin, with the standard's own strings.
    static let postgres = SQLDialect(nestedComments: true, dollarQuotes: true)
    static let mysql = SQLDialect(
        escapesWithBackslash: true, hashComments: true, dashesNeedBlank: true, versionComments: true)
    static let transact = SQLDialect(nestedComments: true, brackets: true)
    static let sqlite = SQLDialect(brackets: true)
    static let snowflake = SQLDialect(escapesWithBackslash: true, slashComments: true, dollarQuotes: true)
    static let bigquery = SQLDialect(escapesWithBackslash: true, hashComments: true, tripleQuotes: true)

    static let all = [postgres, mysql, transact, sqlite, snowflake, bigquery]
}
