package import JSON

/// The smallest part of a call that is judged; a call's verdict is the strictest of its operations'.
package enum Operation: Hashable, Sendable {
    /// Method, host and path say it all.
    case http
    /// An AWS API operation, in any of its protocols: service in small letters (`ec2`), action as spelled
    /// (`RunInstances`).
    case aws(service: Text, action: Text)
    /// A `tools/call` of the Model Context Protocol; `server` is the name that the site gave it, or its host. Names are
    /// exact bytes. `args` is the object `params.arguments`, nil where there is none.
    case mcp(server: Text, tool: Text, args: JSONNode?)
    /// Any other JSON-RPC request: `eth_call`, and of the Model Context Protocol what calls no tool (`initialize`).
    case jsonrpc(method: Text, params: JSONNode?)
    /// One root field under its real name; `operation` is query, mutation or subscription, `name` what the document calls
    /// the operation, `alias` the name in the answer, `depth` the nesting below the field.
    case graphql(operation: Text, name: Text?, field: Text, alias: Text?, depth: Int, variables: JSONNode?)
    /// `/package.Service/Method`.
    case grpc(service: Text, method: Text)
    /// A statement: its kind in small letters (`select`, `delete`, `drop`), `unknown` where no reading is certain.
    case sql(kind: Text)
    /// A question to a name server: the name in small letters, the type in capitals.
    case dns(name: Text, type: Text)
    /// A request inside a batch (OData, Gmail, bulk lines), which is judged as if it had come alone.
    case batched(Call)
}
