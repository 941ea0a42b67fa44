import Calls
import JSON

/// As JSON-RPC speaks of errors; and as a tool of the Model Context Protocol does, whose caller is a model that reads the
/// text.
extension Refusal {
    func rpcAnswer(to question: RPCQuestion) -> [UInt8] {
        guard question.isBatch else { return question.messages.first.map(answer) ?? [] }
        return JSONWriter.array { array in for message in question.messages { array.object { write(message, &$0) } } }
    }

    private func answer(_ message: RPCQuestion.Message) -> [UInt8] { JSONWriter.object { write(message, &$0) } }

    private func write(_ message: RPCQuestion.Message, _ body: inout JSONWriter.Object) {
        body.field("jsonrpc", "2.0")
        body.raw("id", message.id)
        if message.isToolCall {
            body.object("result") { result in
                result.array("content") { content in
                    content.object {
                        $0.field("type", "text")
                        $0.field("text", detail)
                    }
                }
                result.field("isError", true)
                result.object("_meta") { meta in
                    meta.raw(named: "tiergate/reason", JSONWriter.string(code))
                    if let hold { meta.raw(named: "tiergate/hold", JSONWriter.string(hold.description)) }
                }
            }
        } else {
            body.object("error") { error in
                // The protocol's own numbers are negative.
                error.field("code", status)
                error.field("message", detail)
                error.object("data") { write(common: &$0) }
            }
        }
    }
}
