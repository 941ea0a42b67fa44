import Calls
import Holds
import JSON
import Stores

extension FuzzTarget {
    static let holdRow = FuzzTarget(
        name: "hold-row",
        summary: "what the store's columns say of a hold: read, written and read again it is the same",
        seeds: [
            "pending\n{}", "uncertain\n{\"cause\":\"c\"}", "stale\n{\"cause\":\"\"}",
            "approved\n{\"uid\":1000,\"name\":\"ada\",\"at\":1,\"reason\":null,\"now\":true}",
            "done\n{\"uid\":1,\"name\":\"a\",\"at\":1,\"reason\":\"r\",\"now\":false,\"status\":200,\"delivery\":\"delivered\"}",
            "resolved\n{\"uid\":1,\"name\":\"a\",\"at\":1,\"reason\":\"r\",\"now\":false,\"executed\":true,\"told\":false}",
            "facts\n{\"method\":\"POST\",\"target\":\"t\",\"principal\":\"p\",\"tier\":4,\"category\":null,\"flags\":[],"
                + "\"summaries\":[\"s\"],\"reason\":\"r\",\"rules\":[],\"approvers\":[],\"quorum\":1,"
                + "\"rules_digest\":\"d\",\"body_length\":3}",
        ].map(\.bytes),
        dictionary: HoldState.names.map { "\($0)\n" } + [
            "\"uid\":", "4294967296", "-1", "\"at\":-9223372036854775808", "\"delivery\":\"",
            "\"category\":\"financial\"",
            "\"flags\":[\"", "null", "\"cause\":\"", "\\u0000", "\\ud83d\\ude00",
        ],
        run: { bytes throws(Finding) in
            let parts = bytes.split(separator: 0x0A, maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let name = Text(utf8: parts[0])?.string,
                let detail = try? JSONDocument.parse(Array(parts[1])).root
            else { return }
            if name == "facts" {
                guard let facts = Hold.Facts(detail) else { return }
                let again = (try? JSONDocument.parse(facts.json.bytes).root).flatMap { Hold.Facts($0) }
                return try requireSame(facts.json, again?.json, "other facts")
            }
            guard let state = HoldState(name: name, detail: detail) else { return }
            let again = (try? JSONDocument.parse(state.detail.bytes).root).flatMap {
                HoldState(name: state.name, detail: $0)
            }
            try requireSame(state.name, name, "another state")
            try requireSame(state.detail, again?.detail, "a state with another detail")
        })
}
