struct IPAddress: Hashable, Sendable {}
struct CIDR: Hashable, Sendable {}
