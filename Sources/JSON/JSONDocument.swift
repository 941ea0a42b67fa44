package struct JSONDocument: Sendable {}
