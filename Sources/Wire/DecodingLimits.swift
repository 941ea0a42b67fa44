/// How much of a body the readers of its contents take before they refuse.
package struct DecodingLimits: Sendable {
    /// Bytes of a compressed body once it is unpacked.
    package var decodedBytes: Int
    /// Bytes that one compressed byte may become; below `decodedFloor` nobody asks.
    package var expansion: Int
    /// A body that unpacks to no more than this is no bomb, however small it was.
    package var decodedFloor: Int
    /// Memory that a zstd frame may ask for, as a power of two: 8 MiB, what RFC 9659 lets a server expect.
    package var windowBits: Int
    /// Parts of one multipart body.
    package var parts: Int
    /// The head of one part: its fields and the empty line.
    package var partHeadBytes: Int
    /// Fields in the head of one part.
    package var partFields: Int
    /// Multipart bodies inside one another: a batch, and the change set in it.
    package var multipartDepth: Int
    /// What one call does; beyond it nobody can say what that is.
    package var operations: Int
    /// Fields of a GraphQL request once its fragments are put in.
    package var graphqlFields: Int
    /// Nesting of GraphQL fields and of fragments in fragments.
    package var graphqlDepth: Int
    /// Nesting of lists and objects in a GraphQL argument.
    package var graphqlValueDepth: Int
    /// Messages in one gRPC body.
    package var grpcMessages: Int
    /// Bytes of a descriptor set, and messages, enumerations and methods in it.
    package var descriptorBytes: Int
    package var descriptorTypes: Int
    /// Nesting of one gRPC message.
    package var messageDepth: Int
    /// Fields of one gRPC message, with those of the messages in it.
    package var messageFields: Int

    package init(
        decodedBytes: Int = 4 << 20, expansion: Int = 100, decodedFloor: Int = 64 << 10, windowBits: Int = 23,
        parts: Int = 256, partHeadBytes: Int = 8 << 10, partFields: Int = 32, multipartDepth: Int = 2,
        operations: Int = 64, graphqlFields: Int = 1000, graphqlDepth: Int = 16, graphqlValueDepth: Int = 32,
        grpcMessages: Int = 64, descriptorBytes: Int = 16 << 20, descriptorTypes: Int = 100_000,
        messageDepth: Int = 32, messageFields: Int = 65_536
    ) {
        self.decodedBytes = decodedBytes
        self.expansion = expansion
        self.decodedFloor = decodedFloor
        self.windowBits = windowBits
        self.parts = parts
        self.partHeadBytes = partHeadBytes
        self.partFields = partFields
        self.multipartDepth = multipartDepth
        self.operations = operations
        self.graphqlFields = graphqlFields
        self.graphqlDepth = graphqlDepth
        self.graphqlValueDepth = graphqlValueDepth
        self.grpcMessages = grpcMessages
        self.descriptorBytes = descriptorBytes
        self.descriptorTypes = descriptorTypes
        self.messageDepth = messageDepth
        self.messageFields = messageFields
    }

    package static let `default` = DecodingLimits()
}
