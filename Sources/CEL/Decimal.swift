/// A decimal fraction, exact.
struct Decimal: Hashable, Sendable {}
