/// What keeps a JSON-RPC message from having one reading.
package enum RPCProblem: String, Hashable, Sendable, CaseIterable {
    case emptyBatch = "no entry in its batch"
    case mixedBatch = "an entry in its batch that is no JSON-RPC message"
    case version = "another version than 2.0"
    case spelling = "a key that differs from `method`, `params`, `name` and their like in case only"
    case noMethod = "neither a method nor a result nor an error"
    case method = "a method that is no text"
    case params = "params that are neither an object nor an array"
    case toolCall = "a tools/call whose name is no text or whose arguments are no object"
}
