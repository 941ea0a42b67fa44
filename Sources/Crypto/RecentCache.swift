/// At most `limit` values by key: those last asked for stay.
///
/// Two generations instead of a list in order of use: a hit is one look-up, and when the young one is half the limit,
/// the old one goes as a whole.
struct RecentCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let limit: Int
    private var young: [Key: Value] = [:]
    private var old: [Key: Value] = [:]

    init(limit: Int) { self.limit = max(2, limit) }

    var count: Int { young.count + old.count }

    mutating func value(for key: Key) -> Value? {
        if let value = young[key] { return value }
        guard let value = old.removeValue(forKey: key) else { return nil }
        insert(value, for: key)
        return value
    }

    mutating func insert(_ value: Value, for key: Key) {
        old.removeValue(forKey: key)
        if young.updateValue(value, forKey: key) == nil, young.count >= limit / 2 {
            old = young
            young = [:]
        }
    }

    mutating func remove(_ key: Key) {
        young.removeValue(forKey: key)
        old.removeValue(forKey: key)
    }
}
