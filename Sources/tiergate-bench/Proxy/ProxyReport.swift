import JSON

/// What the comparison says in the end.
struct ProxyReport {
    let figures: Figures
    let peers: [Peer]
    let runs: Int
    let seconds: Double
    let notes: [String]

    // MARK: For people

    var text: String {
        var text = "\(runs) runs of \(Decimal.text(seconds, places: 1)) s a load on \(Machine.processors) processors; "
        text += "each figure is the median of the runs (the least .. the most)\n"
        for peer in peers where !peer.version.isEmpty { text += "  \(peer.name): \(peer.version)\n" }
        for load in ProxyLoad.allCases {
            text += "\n\(load.rawValue): \(load.title)\n\(table(load).text)"
        }
        text += "\nRATIOS\n\(ratios.text)"
        for note in notes { text += "note: \(note)\n" }
        return text
    }

    private func table(_ load: ProxyLoad) -> TextTable {
        var table = TextTable(head: ["peer"] + load.metrics.map(\.title))
        for peer in peers {
            let cells = load.metrics.map { metric in
                figures.spread(load, peer.name, metric).map { ProxyReport.cell($0, metric.text) } ?? "-"
            }
            if cells.contains(where: { $0 != "-" }) { table.rows.append([peer.name] + cells) }
        }
        return table
    }

    private var ratios: TextTable {
        var table = TextTable(head: ["gate", "measured", "bound", "verdict"])
        for bound in Bound.all {
            let spread = bound.spread(in: figures)
            table.rows.append([
                bound.title, spread.map { ProxyReport.cell($0, bound.text) } ?? "-", bound.limitText,
                bound.verdict(on: spread).rawValue,
            ])
        }
        return table
    }

    static func cell(_ spread: Spread, _ text: (Double) -> String) -> String {
        let median = text(spread.median)
        if spread.least == spread.most { return median }
        return "\(median) (\(text(spread.least)) .. \(text(spread.most)))"
    }

    // MARK: For programs

    var json: [UInt8] {
        JSONWriter.object { document in
            document.field("runs", runs)
            document.raw("seconds", Array(Decimal.text(seconds, places: 3).utf8))
            document.field("processors", Machine.processors)
            document.array("peers") { array in
                for peer in peers {
                    array.object {
                        $0.field("name", peer.name)
                        $0.field("version", peer.version)
                    }
                }
            }
            document.array("figures") { array in
                for load in ProxyLoad.allCases {
                    for peer in peers {
                        for metric in load.metrics { write(load, peer.name, metric, into: &array) }
                    }
                }
            }
            document.array("bounds") { array in
                for bound in Bound.all { write(bound, into: &array) }
            }
            document.array("notes", notes)
        }
    }

    private func write(
        _ load: ProxyLoad, _ peer: String, _ metric: Metric, into array: inout JSONWriter.Array
    ) {
        let values = figures.values(load, peer, metric)
        guard let spread = Spread(values) else { return }
        array.object { object in
            object.field("load", load.rawValue)
            object.field("peer", peer)
            object.field("metric", metric.rawValue)
            object.raw("median", ProxyReport.number(spread.median))
            object.array("runs") { runs in
                for value in values { runs.raw(ProxyReport.number(value)) }
            }
        }
    }

    private func write(_ bound: Bound, into array: inout JSONWriter.Array) {
        let spread = bound.spread(in: figures)
        array.object { object in
            object.field("title", bound.title)
            object.field("at_most", bound.isCeiling)
            object.raw("limit", ProxyReport.number(bound.limit))
            if let spread {
                object.raw("median", ProxyReport.number(spread.median))
                object.raw("least", ProxyReport.number(spread.least))
                object.raw("most", ProxyReport.number(spread.most))
            }
            object.field("verdict", bound.verdict(on: spread).rawValue)
        }
    }

    private static func number(_ value: Double) -> [UInt8] { Array(Decimal.text(value, places: 4).utf8) }
}
