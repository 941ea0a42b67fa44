/// Figures as people read them.
enum Decimal {
    /// With so many places after the point.
    static func text(_ value: Double, places: Int) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "-" }
        let scale = (0..<places).reduce(Int64(1)) { scale, _ in scale * 10 }
        let scaled = Int64((abs(value) * Double(scale)).rounded())
        let sign = value < 0 && scaled != 0 ? "-" : ""
        guard places > 0 else { return "\(sign)\(scaled)" }
        let fraction = String(scaled % scale)
        return "\(sign)\(scaled / scale)." + String(repeating: "0", count: places - fraction.utf8.count) + fraction
    }

    /// About three digits that count.
    static func text(_ value: Double) -> String {
        switch abs(value) {
        case ..<10: text(value, places: 2)
        case ..<100: text(value, places: 1)
        default: text(value, places: 0)
        }
    }
}
