/// What a program does.
final class Code: Sendable {}
