import Testing

@testable import Crypto

struct RecentCacheTests {
    @Test("never more than the limit, whatever comes")
    func bounded() {
        var cache = RecentCache<Int, Int>(limit: 10)
        for key in 0..<1000 {
            cache.insert(key, for: key)
            #expect(cache.count <= 10)
        }
        #expect(cache.value(for: 999) == 999)
        #expect(cache.value(for: 0) == nil)
    }

    @Test("what is asked for stays while others go")
    func recency() {
        var cache = RecentCache<Int, String>(limit: 10)
        cache.insert("kept", for: -1)
        for key in 0..<1000 {
            #expect(cache.value(for: -1) == "kept")
            cache.insert("passing", for: key)
        }
    }

    @Test("a later value replaces an earlier one, and removing removes both generations")
    func replacing() {
        var cache = RecentCache<Int, Int>(limit: 4)
        for key in 0..<3 { cache.insert(key, for: key) }
        cache.insert(7, for: 0)
        #expect(cache.value(for: 0) == 7)
        cache.remove(0)
        #expect(cache.value(for: 0) == nil)
    }
}
