/// What came by interception and is no call. Nobody reads the status: the journal has it as that of a refused call.
extension Refusal {
    convenience init(_ unspoken: CallFailure.Unspoken) {
        switch unspoken {
        case .foreign(let place):
            self.init(
                403, "unknown_protocol", "Protocol not understood",
                "NOT SENT: the connection to \(place) speaks neither TLS nor HTTP/1, and what is not understood does not "
                    + "leave.")
        case .silent(let place, let milliseconds):
            self.init(
                408, "silent_connection", "Nothing was said",
                "NOT SENT: the connection to \(place) said nothing for \(milliseconds / 1000) s; protocols in which the "
                    + "server speaks first are not understood.")
        case .own(let place):
            self.init(
                403, "own_address", "The gate's own address",
                "The connection was going to the gate itself (\(place)), which is for connections to others only.")
        case .nameless(let place):
            self.init(
                403, "unknown_address", "Address of no name",
                "NOT SENT: \(place) stands for no name that was asked for since the gate began. Ask for the name again."
            )
        }
    }

    convenience init(_ unanswered: CallFailure.Unanswered) {
        switch unanswered {
        case .blocked(let reason):
            self.init(
                403, "name_blocked", "Name blocked by a rule", "A rule forbids the name (\(reason)).", isFinal: true)
        case .notPassed(let reason):
            self.init(
                403, "name_not_passed", "No rule for this question",
                "The question was not sent: only questions that a rule lets pass are (\(reason)).")
        case .scrutinised(let sentence):
            self.init(
                403, "name_carries_data", "Name refused", "The question was not answered: \(sentence).")
        case .tooManyNames(let limit):
            self.init(
                429, "too_many_names", "Too many names",
                "The question was not answered: the agent has asked for \(limit) names already.")
        case .failed(let cause):
            self.init(502, "name_unanswered", "No answer", "No name server answered: \(cause).")
        }
    }
}
