import Calls
import HoldsTesting
import JSON
import Rules

extension FuzzTarget {
    static let rules = FuzzTarget(
        name: "rules",
        summary: "rule files: every text is a set of rules or has a diagnostic; what loads can judge",
        seeds: [
            """
            tiergate: 1
            pack: p
            version: 1.0.0
            hosts: [api.stripe.com]
            rules:
              - id: p.a
                title: Refunds
                tier: irreversible
                category: financial
                match: {method: [POST], path: /v1/refunds}
                summary: "Refund {{ body.amount }} of {{ request.host }}"
            tests:
              - call: {method: POST, url: "https://api.stripe.com/v1/refunds", json: {amount: 5}}
                expect: {rules: [p.a]}
            """, "a: [1, {b: c}]\n", "? x\n: y\n", "- &a b\n- *a\n", "a: |\n  text\nb: >-\n  folded\n",
            "\"\\x41\": '''q'''\n",
        ].map(\.bytes),
        dictionary: [
            "pack: ", "version: ", "tiergate: 1", "hosts: ", "rules:\n", "  - id: ", "match: ", "method: ", "path: ",
            "/v1/{id}", "/**", "*", "**.test", "tier: 4", "category: ", "reason: ", "summary: ", "{{ ", " }}", "body.",
            "query.", "params.", "header.", "supersedes: ", "final: true", "shadow: true", "until: 2026-12-01",
            "fallback: true", "approvers: ", "quorum: ", "unmatched: ", "money(", "amount", "currency", "tests:\n",
            "call: ", "expect: ", "operation: aws:ec2:", "unless: ", "!!str ", "&a", "*a", "<<: ", "|-", ">", "? ",
            "---",
            "%YAML 1.1\n", "\t", "\u{FEFF}", "\u{85}",
        ],
        run: { bytes throws(Finding) in
            let source = RuleSource(path: "fuzz.yaml", bytes: bytes)
            let now = Timestamp(milliseconds: 1_795_262_400_000)
            let (set, diagnostics) = RuleSet.load([source], digest: "d", now: now)
            for diagnostic in diagnostics {
                try require(!diagnostic.rendered.isEmpty, "a diagnostic without a word")
                let written = JSONWriter.object { diagnostic.write(into: &$0) }
                try require((try? JSONDocument.parse(written)) != nil, "a diagnostic that is no JSON")
            }
            let isBroken = diagnostics.contains { $0.severity == .error }
            try require((set == nil) == isBroken, "rules \(set == nil ? "missing without" : "in force with") an error")
            guard let set else { return }
            for call in [Call.sample(), .sample(method: "GET", path: "/", body: nil)] {
                let verdict = set.judge(call, at: now)
                try require(
                    verdict.disposition != .pass || verdict.tier <= .reversible, "a call of tier 3 or 4 passes")
            }
        })
}
