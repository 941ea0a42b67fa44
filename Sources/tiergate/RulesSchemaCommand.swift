import Rules

extension Command {
    static let rulesSchema = Command(
        name: "rules schema", summary: "print the JSON Schema of rule files, for editors",
        details: "The schema is made from the tables that the loader itself reads by.",
        examples: [Example("tiergate rules schema > tiergate-rules.schema.json", "then point the editor at it")],
        run: { invocation in
            invocation.terminal.print(json: RuleSchema.document)
            return .ok
        })
}
