import Calls
import Holds
import JSON
import Wire

/// Why the operator socket did not do what it was asked to: stable codes, and sentences that say what to do.
enum OperatorProblem: Error, Sendable {
    // The request cannot be read.
    case malformedRequest(WireError)
    case requestTimeout
    case bodyTooLarge(limit: Int)
    case tooManyConnections(limit: Int)
    // It asks for what is not there.
    case noSuchResource(String)
    case methodNotAllowed(allowed: String)
    case badQuery(String)
    // Its body is not what the resource takes.
    case malformedBody(String)
    case unknownMember(String, known: [String])
    case wrongMember(String, expected: String)
    case missingMember(String, meaning: String)
    // The precondition.
    case preconditionRequired
    case malformedPrecondition
    case digestDiffers(HoldView)
    // The hold.
    case unknownHold(String)
    case ambiguousPrefix(String, [HoldView])
    case wholeIDRequired(String, [HoldView])
    case notPossible(action: String, HoldView)
    case notOfGroup([String], HoldView, advice: String)
    case ownCall(String)
    case notSigned(HoldView, account: String?, canSign: Bool)
    case claimedAlready(HoldView)
    case overtaken(action: String, HoldView)
    case notLonger(HoldView)
    case cannotReceive(HoldView, String)
    case votedAlready(HoldView, missing: String)
    case ownEdit(HoldView)
    case notDetached(HoldView)
    case notEditable(HoldView, reason: String)
    case editBlocked(HoldView, reason: String)
    case tooFar(HoldView, longest: Interval)
    case holdFull(HoldView, limit: String, value: Int)
    // Signatures.
    case noSigners
    case cannotVerify(reason: String)
    case unknownNonce(life: Interval)
    case expiredNonce(at: Timestamp, life: Interval)
    case badSignature(signer: String, words: String, file: String)
    // The kill switch.
    case notStopped(Scope, [Stop])
    case stoppedAgain(Scope)
    case stopFilePresent(String)
    // Who asks, and what stands behind.
    case notEntitled(name: String, advice: String)
    case storeDown(reason: String)
    case storeDamaged(reason: String)
    case journalDown(reason: String)

    var status: Int { facts.status }
    var code: String { facts.code }
    var title: String { facts.title }
    var detail: String { facts.detail }

    /// The hold as it is now, where that is the reason.
    private var hold: HoldView? {
        switch self {
        case .digestDiffers(let hold), .notPossible(_, let hold), .notOfGroup(_, let hold, _),
            .votedAlready(let hold, _), .ownEdit(let hold), .notDetached(let hold), .tooFar(let hold, _),
            .holdFull(let hold, _, _), .notSigned(let hold, _, _), .claimedAlready(let hold), .overtaken(_, let hold),
            .notLonger(let hold), .cannotReceive(let hold, _), .notEditable(let hold, _),
            .editBlocked(let hold, _):
            hold
        case .malformedRequest, .requestTimeout, .bodyTooLarge, .tooManyConnections, .noSuchResource,
            .methodNotAllowed, .badQuery, .malformedBody, .unknownMember, .wrongMember, .missingMember,
            .preconditionRequired, .malformedPrecondition, .unknownHold, .ambiguousPrefix, .wholeIDRequired,
            .notStopped, .stoppedAgain, .stopFilePresent, .notEntitled, .ownCall, .noSigners, .cannotVerify,
            .unknownNonce, .expiredNonce, .badSignature, .storeDown, .storeDamaged, .journalDown:
            nil
        }
    }

    /// Holds that may have been meant.
    private var matches: [HoldView] {
        switch self {
        case .ambiguousPrefix(_, let holds), .wholeIDRequired(_, let holds): holds
        case .malformedRequest, .requestTimeout, .bodyTooLarge, .tooManyConnections, .noSuchResource,
            .methodNotAllowed, .badQuery, .malformedBody, .unknownMember, .wrongMember, .missingMember,
            .preconditionRequired, .malformedPrecondition, .digestDiffers, .unknownHold, .notPossible, .notOfGroup,
            .votedAlready, .ownEdit, .notDetached, .tooFar, .holdFull, .notSigned, .claimedAlready, .overtaken,
            .notLonger,
            .cannotReceive, .notStopped, .stoppedAgain, .stopFilePresent, .notEntitled, .ownCall, .noSigners,
            .cannotVerify, .unknownNonce, .expiredNonce, .badSignature, .notEditable, .editBlocked, .storeDown,
            .storeDamaged, .journalDown:
            []
        }
    }

    /// Problem details (RFC 9457), with the hold or the holds that it is about.
    func document(_ boundary: Boundary) -> [UInt8] {
        let (hold, matches, facts) = (hold, matches, facts)
        return JSONWriter.object {
            $0.field("type", "urn:tiergate:problem:\(facts.code)")
            $0.field("title", facts.title)
            $0.field("status", facts.status)
            $0.field("code", facts.code)
            $0.field("detail", facts.detail)
            $0.field("advisory", boundary.weakness)
            if let hold { $0.object("hold") { hold.write(into: &$0) } }
            if !matches.isEmpty {
                $0.array("matches") { array in
                    for match in matches { array.object { match.write(into: &$0) } }
                }
            }
        }
    }

    private var facts: (status: Int, code: String, title: String, detail: String) {
        switch self {
        case .malformedRequest(let error):
            (error.status, error.code, "Unreadable request", error.description)
        case .requestTimeout:
            (408, "request_timeout", "Request Timeout", "The request did not arrive in time; send it again.")
        case .bodyTooLarge(let limit):
            (413, "body_too_large", "Content Too Large", "The body has more than \(limit) bytes.")
        case .tooManyConnections(let limit):
            (
                503, "too_many_connections", "Too Many Connections",
                "\(limit) connections are open already; close one and try again."
            )
        case .noSuchResource(let path):
            (
                404, "no_such_resource", "No Such Resource",
                "There is no \(path). Ask for /v1/health, /v1/stops, /v1/holds or /v1/holds/ID; "
                    + "decide with POST /v1/holds/ID/approve, reject, edit, reopen or resolve; before that claim, handover, "
                    + "extend or ask; sign with a nonce of GET /v1/holds/ID/nonce; stop with POST /v1/kill or "
                    + "/v1/freeze, and let go on with /v1/resume."
            )
        case .methodNotAllowed(let allowed):
            (405, "method_not_allowed", "Method Not Allowed", "Use \(allowed) here.")
        case .badQuery(let sentence): (400, "bad_query", "Bad Query", sentence)
        case .malformedBody(let sentence): (400, "malformed_body", "Malformed Body", sentence)
        case .unknownMember(let name, let known):
            (
                400, "unknown_member", "Unknown Member",
                known.isEmpty
                    ? "The body has a member \(name); this takes none."
                    : "The body has a member \(name); this takes \(known.joined(separator: ", "))."
            )
        case .wrongMember(let name, let expected):
            (400, "wrong_member", "Wrong Member", "The member \(name) must be \(expected).")
        case .missingMember(let name, let meaning):
            (400, "missing_member", "Missing Member", "The body must have \(name): \(meaning).")
        case .preconditionRequired:
            (
                428, "precondition_required", "Precondition Required",
                "Say what you decide about: read the hold, and send its digest as If-Match: \"DIGEST\"."
            )
        case .malformedPrecondition:
            (
                400, "malformed_precondition", "Malformed Precondition",
                "If-Match must be one digest of 64 hexadecimal digits in double quotes."
            )
        case .digestDiffers(let hold):
            (
                412, "digest_differs", "Digest Differs",
                "\(hold.id) is not what you looked at; its digest is \(hold.digest). Read it again, then decide."
            )
        case .unknownHold(let id):
            (
                404, "unknown_hold", "Unknown Hold",
                "There is no hold \(id); `tiergate held --all` lists those there are."
            )
        case .ambiguousPrefix(let prefix, let holds):
            (
                400, "ambiguous_prefix", "Ambiguous Prefix",
                "\(prefix) is the beginning of \(holds.count) holds: \(Self.listed(holds)). Give more of it."
            )
        case .wholeIDRequired(let prefix, let holds):
            (
                400, "whole_id_required", "Whole Id Required",
                holds.isEmpty
                    ? "\(prefix) is not a whole id (h_ and 12 characters); a decision needs one."
                    : "A decision needs the whole id; \(prefix) may be \(Self.listed(holds))."
            )
        case .notPossible(let action, let hold):
            (409, "not_possible", "Not Possible", "Cannot \(action): \(hold.id) \(hold.standing)")
        case .notOfGroup(let groups, let hold, let advice):
            (
                403, "not_entitled", "Not Entitled",
                "\(hold.id) is decided by \(groups.joined(separator: " and ")), and you speak for none of them.\(advice)"
            )
        case .ownCall(let objection):
            (
                403, "own_call", "Own Call",
                "No agent lets its own calls go: \(objection). Decide from a person's account, outside of the agent's "
                    + "jail or container."
            )
        case .notSigned(let hold, let account, let canSign):
            (
                403, "signature_required", "Signature Required",
                (account.map {
                    "\(hold.id) asks for \(hold.quorum) people, and several may be behind \($0): there each signs, or "
                        + "decides from an account of his own."
                } ?? "The rules ask for a signature of who lets \(hold.id) go.")
                    + (canSign
                        ? " `tiergate approve \(hold.id) --sign` signs with your SSH key."
                        : " The gate knows no signers: name a file of them with operators.allowed_signers.")
            )
        case .claimedAlready(let hold):
            (
                409, "claimed_already", "Claimed Already",
                "\(hold.claim?.by ?? "Somebody") has taken on \(hold.id)\(hold.claim.map { " at \($0.at)" } ?? ""). "
                    + "`tiergate handover \(hold.id) --to NAME` passes it on."
            )
        case .overtaken(let action, let hold):
            (
                409, "overtaken", "Overtaken",
                "Could not \(action): others changed \(hold.id) at the same moment, again and again. Look at it, then try "
                    + "again."
            )
        case .notLonger(let hold):
            (
                422, "not_longer", "Not Longer",
                "\(hold.id) has its time until \(hold.expires) already; time is not taken."
            )
        case .cannotReceive(let hold, let why):
            (422, "cannot_receive", "Cannot Receive", "\(hold.id) was not handed over. \(why)")
        case .noSigners:
            (
                409, "no_signers", "No Signers",
                "This gate verifies no signatures: name a file of signers and their keys with operators.allowed_signers."
            )
        case .cannotVerify(let reason):
            (
                503, "cannot_verify", "Cannot Verify",
                "No signature can be verified: \(reason). Nothing was decided."
            )
        case .unknownNonce(let life):
            (
                403, "unknown_nonce", "Unknown Nonce",
                "The signature's nonce is not one that counts: each is for one hold and one account, counts once, and "
                    + "lives \(life.spoken). Get another with GET /v1/holds/ID/nonce, and sign with that."
            )
        case .expiredNonce(let end, let life):
            (
                403, "expired_nonce", "Expired Nonce",
                "The signature's nonce counted until \(end), \(life.spoken) from when it was drawn. Get another, and sign "
                    + "with that."
            )
        case .badSignature(let signer, let words, let file):
            (
                403, "bad_signature", "Bad Signature",
                "The signature is none of \(signer)'s for this decision: ssh-keygen says: \(words). Names and keys are in "
                    + "\(file); what is signed is this hold, digest, decision, reason, nonce and expiry."
            )
        case .votedAlready(let hold, let missing):
            (409, "voted_already", "Voted Already", "You have approved \(hold.id) already; it goes when \(missing).")
        case .ownEdit(let hold):
            (
                409, "own_edit", "Own Edit",
                "You changed \(hold.id); somebody else approves what became of it, or you reject it."
            )
        case .notDetached(let hold):
            (
                409, "not_detached", "Not Without Its Agent",
                "A rule says that \(hold.id) is sent for its agent only (`detached: never`). Approve it without --now: the "
                    + "agent's next identical call is sent."
            )
        case .notEditable(let hold, let reason):
            (422, "not_editable", "Not Editable", "\(hold.id) cannot be edited: \(reason).")
        case .editBlocked(let hold, let reason):
            (
                422, "edit_blocked", "Edit Blocked",
                "A rule forbids what \(hold.id) would become (\(VisibleText.show(reason, limit: 500))); it is as it was."
            )
        case .tooFar(let hold, let longest):
            (
                422, "too_far", "Too Far",
                "The time of \(hold.id) cannot end later than \(longest.spoken) from now (hold.longest_life)."
            )
        case .holdFull(let hold, let limit, let value):
            (409, "hold_full", "Hold Full", "\(hold.id) has had \(value) \(limit) already, as many as one hold can.")
        case .notStopped(let scope, let stops):
            (
                409, "not_stopped", "Not Stopped",
                "\(VisibleText.show(scope.description)) is not stopped itself; "
                    + (stops.isEmpty
                        ? "nothing is."
                        : "stopped are \(stops.map { VisibleText.show($0.scope.description) }.joined(separator: ", ")).")
            )
        case .stoppedAgain(let scope):
            (
                409, "stopped_again", "Stopped Again",
                "\(VisibleText.show(scope.description)) was stopped again meanwhile; look at it, then resume."
            )
        case .stopFilePresent(let path):
            (
                409, "stop_file_present", "Stop File Present",
                "The file \(VisibleText.show(path)) stops everything while it is there; find out who put it there, remove "
                    + "it, then resume."
            )
        case .notEntitled(let name, let advice):
            (403, "not_entitled", "Not Entitled", "\(name) may not decide here. \(advice)")
        case .storeDown(let reason):
            (
                503, "store_down", "Store Down",
                "The store did not answer (\(reason)). Nothing is sent until it does; `tiergate doctor` says more."
            )
        case .journalDown(let reason):
            (
                503, "journal_down", "Journal Down",
                "The journal cannot be written (\(reason)), and nothing is resumed that nobody could read about."
            )
        case .storeDamaged(let reason):
            (
                500, "store_damaged", "Store Damaged",
                "What the store kept cannot be read (\(reason)). It was altered, or sealed with another key."
            )
        }
    }

    private static func listed(_ holds: [HoldView]) -> String { holds.map(\.id).joined(separator: ", ") }
}
