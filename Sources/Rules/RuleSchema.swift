import Calls
import JSON

/// The keys of rule files: what the loader accepts, and what `rules schema` prints for editors.
package enum RuleSchema {
    /// What a key's value looks like.
    indirect enum Shape: Sendable {
        case text, bool, expression, template, anything, tier
        case integer(ClosedRange<Int>)
        case words([String])
        /// One, or a list of them.
        case several(Shape)
        case list(Shape)
        case map(Shape)
        case mapping([Key], required: [String])
    }

    struct Key: Sendable {
        let name: String
        let shape: Shape
        let help: String

        init(_ name: String, _ shape: Shape, _ help: String) {
            self.name = name
            self.shape = shape
            self.help = help
        }
    }

    static let file = [
        Key("tiergate", .words(["1"]), "The version of the format."), Key("pack", .text, "The name of the pack."),
        Key("version", .text, "The version of the pack."),
        Key("hosts", .several(.text), "The hosts the pack speaks for, which the site grants."),
        Key("mcp", .several(.text), "The MCP servers the pack speaks for, which the site grants."),
        Key("defaults", .mapping(defaults, required: []), "What rules that say nothing else say."),
        Key("lists", .map(.several(.text)), "Named lists, which conditions know as lists.NAME."),
        Key("rules", .list(.mapping(rule, required: ["id", "match"])), "The rules; their order means nothing."),
        Key("tests", .list(.mapping(test, required: ["call", "expect"])), "Calls with the verdicts they should get."),
    ]

    static let defaults = [
        Key("unmatched", .tier, "The tier of calls that no rule speaks for."),
        Key(
            "ambiguous", .words(["refuse", "hold"]), "What becomes of a call with more operations than rules look at."),
        Key("approvers", .several(.text), "Groups that must agree, all of them."),
        Key("notify", .several(.text), "Groups that are told."),
        Key("quorum", .integer(1...PackReader.quorumLimit), "Distinct people asked of each group."),
        Key("threshold", .text, "Above it money is tier 4: 100 USD."),
        Key("decide_within", .text, "How long people have: 30m."), escalateTo, onSilence,
    ]

    private static let escalateTo = Key(
        "escalate_to", .several(.text), "Groups that are told one after the other where nobody acts in time.")
    private static let onSilence = Key(
        "on_silence", .words(Terms.Silence.allCases.map(\.rawValue)),
        "What becomes of the session where nobody has acted at all.")

    static let rule = [
        Key("id", .text, "Unique in all packs."), Key("title", .text, "What the rule is about."),
        Key("tags", .several(.text), "For searching."),
        Key(
            "category", .words(Category.allCases.map(\.rawValue)),
            "What kind of call cannot be taken back; alone it makes the rule tier 4."),
        Key("tier", .tier, "How far the call reaches."),
        Key("match", .mapping(match, required: []), "What a call must be for the rule to speak."),
        Key("kind", .words(["fallback"]), "Speaks only where no rule claims the call."),
        Key("let", .map(.expression), "Names for values, for what follows."),
        Key("when", .expression, "The rule speaks only where this is true."),
        Key("escalate", .map(.expression), "Tiers, each with the condition that makes it so."),
        Key(
            "money",
            .mapping(
                [
                    Key("minor", .expression, "The amount in smallest units."),
                    Key("major", .expression, "The amount in whole units."),
                    Key("currency", .expression, "A currency of ISO 4217."),
                ], required: ["currency"]), "How much the call moves, as it says itself."),
        Key("threshold", .text, "Above it money is tier 4: 100 USD."),
        Key("recipients", .expression, "Whom the call reaches: a list of texts."),
        Key("summary", .template, "What the call does, verb first, with {{ expressions }}."),
        Key(
            "observe",
            .mapping(
                [
                    Key("get", .template, "Path and query at the same host."),
                    Key("fields", .several(.text), "The members of the answer that matter."),
                ], required: ["get"]), "What an operator may look at before deciding."),
        Key("idempotency", .text, "The header by which the upstream recognises a repeated call."),
        Key("approvers", .several(.text), "Groups that must agree, all of them."),
        Key("notify", .several(.text), "Groups that are told."),
        Key("quorum", .integer(1...PackReader.quorumLimit), "Distinct people asked of each group."),
        Key("decide_within", .text, "How long people have for a first act: 30m."), escalateTo,
        onSilence, Key("signed", .bool, "A decision counts only with a signature (`tiergate approve --sign`)."),
        Key(
            "detached", .words(Terms.Detached.allCases.map(\.rawValue)),
            "always: an approval sends the stored call at once; never: only the agent's own call spends it."),
        Key("on_disconnect", .words(["withdraw"]), "The agent that hangs up takes its call back."),
        Key("block", .bool, "Refused, never held."),
        Key("supersedes", .several(.text), "Rules that this one takes out where both speak."),
        Key("reason", .text, "Why, for an exception."),
        Key("until", .text, "The last day of an exception: 2027-06-30."),
        Key("final", .bool, "Cannot be superseded."),
        Key("shadow", .bool, "Evaluated and recorded, and counts for nothing."),
    ]

    static let match: [Key] =
        [
            Key("host", .several(.text), "Hosts: api.acme.com, *.acme.com, **.acme.com."),
            Key("method", .several(.text), "Methods of HTTP."),
            Key("path", .several(.text), "Templates: /repos/{owner}/{repo}/**."),
            Key("query", presence, "Parameters that must be there."),
            Key("header", presence, "Headers that must be there."),
        ]
        + OperationPattern.Kind.allCases.map { kind in
            let keys = [kind.keys.scope, kind.keys.name].compactMap { $0 }
            return Key(
                kind.word, .mapping(keys.map { Key($0, .several(.text), "") }, required: []),
                "Operations of \(kind.word).")
        }

    private static let presence = Shape.anything

    static let test = [
        Key("call", .mapping(call, required: []), "The call."),
        Key("expect", .mapping(expectation, required: []), "What should come of it."),
    ]

    static let call = [
        Key("method", .text, "The method."), Key("url", .text, "Where it goes."),
        Key("headers", .map(.several(.text)), "Headers."), Key("form", .map(.several(.text)), "A form as the body."),
        Key("json", .anything, "JSON as the body."), Key("body", .text, "The body as it is."),
        Key("mcp", .anything, "A tool: server, tool, args."), Key("jsonrpc", .anything, "A request: method, params."),
        Key("graphql", .anything, "A root field: operation, name, field, alias, depth, args, variables."),
        Key("grpc", .anything, "A method: service, method."),
    ]

    static let expectation = [
        Key("tier", .tier, "The tier."), Key("category", .words(Category.allCases.map(\.rawValue)), "The category."),
        Key("disposition", .words(["pass", "hold", "refuse"]), "What becomes of it."),
        Key("rules", .anything, "The rules that decide, all of them; [] for none."),
        Key("summary", .several(.text), "What operators read."), Key("approvers", .several(.text), "Who is asked."),
        Key("error", .text, "The code of the failure of a rule: missing_field."),
    ]

    static let ruleNames = rule.map(\.name)
    static let matchNames = match.map(\.name)

    /// JSON Schema (draft 2020-12) of a rule file.
    package static var document: [UInt8] {
        JSONWriter.object { schema in
            schema.field("$schema", "https://json-schema.org/draft/2020-12/schema")
            schema.field("title", "A rule file of Tiergate, format 1")
            describe(.mapping(file, required: ["tiergate", "pack", "version", "rules"]), in: &schema)
        }
    }

    private static func describe(_ shape: Shape, in object: inout JSONWriter.Object) {
        switch shape {
        case .text: object.array("type", ["string", "number", "boolean"])
        case .expression, .template: object.array("type", ["string", "number", "boolean"])
        case .bool: object.field("type", "boolean")
        case .anything: break
        case .tier:
            object.array("enum") { values in
                for tier in Tier.allCases {
                    values.element(tier.rawValue)
                    values.element(tier.name)
                }
            }
        case .integer(let range):
            object.field("type", "integer")
            object.field("minimum", range.lowerBound)
            object.field("maximum", range.upperBound)
        case .words(let words):
            object.array("enum") { values in
                for word in words {
                    values.element(word)
                    if let number = Int(word) { values.element(number) }
                }
            }
        case .several(let shape):
            object.array("anyOf") { choices in
                choices.object { describe(shape, in: &$0) }
                choices.object { describe(.list(shape), in: &$0) }
            }
        case .list(let shape):
            object.field("type", "array")
            object.field("minItems", 1)
            object.object("items") { describe(shape, in: &$0) }
        case .map(let shape):
            object.field("type", "object")
            object.object("additionalProperties") { describe(shape, in: &$0) }
        case .mapping(let keys, let required):
            object.field("type", "object")
            object.object("properties") { properties in
                for key in keys {
                    properties.raw(
                        named: key.name,
                        JSONWriter.object { property in
                            if !key.help.isEmpty { property.field("description", key.help) }
                            describe(key.shape, in: &property)
                        })
                }
            }
            if !required.isEmpty { object.array("required", required) }
            object.field("additionalProperties", false)
        }
    }
}
