import Calls
import JSON

/// The method that a gRPC call names, and its messages where they can be read (gRPC over HTTP/2; gRPC-Web).
enum GRPCReader {
    /// The path decides. A message that is compressed, or that a descriptor set does not know, raises the tier to 3 at least.
    static func read(
        _ target: Target, _ content: BodyContent, _ format: ContentType.GRPCFormat, descriptors: GRPCDescriptors?,
        limits: DecodingLimits
    ) throws(WireError) -> [Operation] {
        let method = try method(target)
        var operations = [method.operation]
        guard case .binary = format else {
            return operations + [unreadable("gRPC messages in base64")]
        }
        guard !content.isWithheld else { return operations + [unreadable("gRPC messages over the inspection limit")] }
        guard case .opaque = content.document, !content.bytes.isEmpty else { return operations }
        let messages = try messages(content.bytes, limits: limits)
        if messages.contains(where: \.isCompressed) {
            operations.append(unreadable("a compressed gRPC message"))
        } else if let descriptors {
            var reader = GRPCMessage(descriptors, limits: limits)
            guard let type = descriptors.inputs[method.key] else {
                return operations + [unreadable("a gRPC method that the descriptor set does not know")]
            }
            for message in messages { _ = try reader.json(message.content, type) }
            if reader.hasUnknownFields { operations.append(unreadable("a gRPC message with unknown fields")) }
        }
        return operations
    }

    /// The one message of a call as rules see it; nil where there is no description, or not exactly one plain message.
    static func document(
        _ target: Target, _ content: BodyContent, descriptors: GRPCDescriptors, limits: DecodingLimits
    ) throws(WireError) -> Document? {
        guard case .grpc(.binary)? = content.type?.kind, !content.bytes.isEmpty, case .opaque = content.document,
            let type = descriptors.inputs[try method(target).key]
        else { return nil }
        let messages = try messages(content.bytes, limits: limits)
        guard let only = messages.first, messages.count == 1, !only.isCompressed else { return nil }
        var reader = GRPCMessage(descriptors, limits: limits)
        return try DocumentReader.json(try reader.json(only.content, type))
    }

    private static func method(_ target: Target) throws(WireError) -> (key: Text, operation: Operation) {
        // `/package.Service/Method`; a prefix in front would be a gateway's, and what it makes of it nobody knows.
        guard target.segments.count == 2, target.query.isEmpty else { throw .malformedMessage }
        let (service, method) = (target.segments[0], target.segments[1])
        let isName = { (byte: UInt8) in (byte | 0x20) &- 0x61 < 26 || ByteClass.isDigit(byte) || byte == 0x5F }
        guard !service.isEmpty, !method.isEmpty, method.utf8.allSatisfy(isName),
            service.utf8.allSatisfy({ isName($0) || $0 == 0x2E })
        else { throw .malformedMessage }
        return (Text("\(service)/\(method)"), .grpc(service: service, method: method))
    }

    /// Each with a byte that says whether it is compressed and four that say how long it is.
    private static func messages(
        _ bytes: [UInt8], limits: DecodingLimits
    ) throws(WireError) -> [(isCompressed: Bool, content: ArraySlice<UInt8>)] {
        var messages: [(isCompressed: Bool, content: ArraySlice<UInt8>)] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            guard rest.count >= 5, let flag = rest.first, flag <= 1 else { throw .malformedMessage }
            let length = rest.dropFirst().prefix(4).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(5)
            guard length <= rest.count else { throw .malformedMessage }
            guard messages.count < limits.grpcMessages else { throw .tooManyOperations(limit: limits.grpcMessages) }
            messages.append((flag == 1, rest.prefix(length)))
            rest = rest.dropFirst(length)
        }
        return messages
    }

    private static func unreadable(_ reason: Text) -> Operation { .unreadable(reason: reason, floor: .external) }
}
