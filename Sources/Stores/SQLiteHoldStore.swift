package import Calls
import Crypto
package import Holds
import Synchronization

/// Holds in an SQLite file in the state directory.
package final class SQLiteHoldStore: HoldStore {
    package let spool: Spool
    /// Holds that were approved, and not being sent, when the store was opened.
    package let approvedAtStart: Set<HoldID>
    /// How far the journal had come when the store was used last.
    package let journalMark: JournalMark?
    let thread: StoreThread
    private let vault: Vault
    private let noted = Mutex<JournalMark?>(nil)

    /// Opens or makes `holds.db`, brings it to the newest schema, and removes spool files that belong to no hold.
    ///
    /// - Parameter patience: how long another process may keep the file locked before the store counts as down.
    package init(in directory: StateDirectory, patience: Duration = .seconds(2)) throws(StoreFailure) {
        // Two gates over one file would take each other's calls for lost.
        let lock = try FileLock(directory.file("holds.lock"))
        let key = try directory.sealingKey()
        vault = Vault(key: key)
        spool = try Spool(in: directory.file("spool"), key: key)
        try directory.makeFile("holds.db")
        let database = try Database(opening: directory.file("holds.db"), patience: patience)
        try Schema.prepare(database)
        try spool.sweep(keeping: ContentTable.spoolNames(database))
        approvedAtStart = try HoldTable.approved(database)
        journalMark = try JournalMark.find(database)
        thread = try StoreThread(database) { lock.release() }
    }

    deinit { thread.abandon() }

    /// Ends after everything that was asked for; the store refuses from now on.
    package func close() async { await thread.close() }

    /// The same, for a thread that has nothing else to do.
    package func closeAndWait() { thread.closeAndWait() }

    /// What keeps the store from working, as far as the last transaction showed; nil while all is well.
    package var failure: StoreFailure? { thread.failure }

    /// Notes how far the journal is on disk, in whatever transaction comes next or in one of its own. Nobody waits for it.
    ///
    /// The same mark again costs nothing, unless the store is in trouble: then writing it shows whether it still is.
    package func note(_ mark: JournalMark) {
        let isKnown = noted.withLock { noted in
            defer { noted = mark }
            return noted == mark
        }
        if isKnown, thread.failure == nil { return }
        thread.writeSometime { database throws(StoreFailure) in try mark.write(database) }
    }

    /// Removes up to `limit` holds that ended before `time`, with what they contain, and says how many there were. Nothing
    /// that is undecided, being sent, uncertain or not delivered has an end.
    package func forget(endedBefore time: Timestamp, limit: Int) async throws(StoreFailure) -> Int {
        let (count, files) = try await thread.write { database throws(StoreFailure) in
            try HoldTable.forget(endedBefore: time, limit, database)
        }
        remove(files)
        return count
    }

    package func enrol(
        _ hold: Hold, content: Content, limits: EnrolmentLimits
    ) async throws(StoreFailure) -> Enrolment {
        // Everything that can be is made here: the store's one thread is what all holds have to share.
        let sealed = try vault.seal(content, .request, of: hold.id, hold.digest)
        let row = HoldTable.values(hold)
        return try await thread.write { [spool] database throws(StoreFailure) in
            if let other = try HoldTable.conflicting(hold, database) { return .conflict(with: other) }
            if let other = try HoldTable.attracting(hold, database) { return .joined(other) }
            if let full = try HoldTable.exceeded(limits, hold.session, database) { return full }
            let key = try HoldTable.insert(row, database)
            try ContentTable.insert(sealed, content.spool, .request, of: key, spool, database)
            return .created(hold)
        }
    }

    package func change(
        _ id: HoldID, version: Int, _ change: HoldChange
    ) async throws(StoreFailure) -> Hold? {
        let (hold, unused) = try await thread.write {
            [spool, vault] database throws(StoreFailure) -> (Hold?, [String]) in
            guard let hold = try HoldTable.advance(id, version, change, database) else { return (nil, []) }
            for (kind, content, digest) in [
                (Vault.Kind.edited, change.edited?.content, hold.digest),
                (.before, change.before, hold.original ?? hold.digest),
            ] {
                guard let content, let key = try HoldTable.key(id, database) else { continue }
                let sealed = try vault.seal(content, kind, of: id, digest)
                try ContentTable.insert(sealed, content.spool, kind, of: key, spool, database)
            }
            return (hold, try ContentTable.release(hold, database))
        }
        remove(unused)
        return hold
    }

    package func begin(
        _ id: HoldID, version: Int, decision: Decision, note: @escaping @Sendable (Hold) throws(JournalDown) -> Void
    ) async throws(StoreFailure) -> Beginning {
        try await thread.write { database throws(StoreFailure) in
            guard let hold = try HoldTable.next(id, version, HoldChange(to: .sending(decision)), database) else {
                return .outdated
            }
            // The transaction has the only right to write: what is current now is so until its end.
            do throws(JournalDown) { try note(hold) } catch { return .unrecorded(error) }
            try HoldTable.update(hold, database)
            return .begun(hold)
        }
    }

    package func complete(
        _ id: HoldID, version: Int, answer: Answer, content: Content?
    ) async throws(StoreFailure) -> Hold? {
        let (hold, unused) = try await thread.write {
            [spool, vault] database throws(StoreFailure) -> (Hold?, [String]) in
            guard let hold = try HoldTable.advance(id, version, HoldChange(to: .done(answer)), database) else {
                return (nil, [])
            }
            if let content, let key = try HoldTable.key(id, database) {
                let sealed = try vault.seal(content, .answer, of: id, hold.digest)
                try ContentTable.insert(sealed, content.spool, .answer, of: key, spool, database)
            }
            return (hold, try ContentTable.release(hold, database))
        }
        remove(unused)
        return hold
    }

    package func delivered(_ id: HoldID, version: Int) async throws(StoreFailure) -> Hold? {
        let (hold, unused) = try await thread.write { database throws(StoreFailure) -> (Hold?, [String]) in
            guard let before = try HoldTable.hold(id, database), before.version == version,
                case .done(let answer) = before.state, answer.delivery == .kept
            else { return (nil, []) }
            let after = Answer(status: answer.status, delivery: .delivered, decision: answer.decision)
            guard let hold = try HoldTable.advance(id, version, HoldChange(to: .done(after)), database) else {
                return (nil, [])
            }
            return (hold, try ContentTable.release(hold, database))
        }
        remove(unused)
        return hold
    }

    package func hold(_ id: HoldID) async throws(StoreFailure) -> Hold? {
        try await thread.read { database throws(StoreFailure) in try HoldTable.hold(id, database) }
    }

    package func holds(_ query: HoldQuery) async throws(StoreFailure) -> [Hold] {
        try await thread.read { database throws(StoreFailure) in try HoldListing.holds(query, database) }
    }

    package func request(of id: HoldID) async throws(StoreFailure) -> Content? { try await content(.request, of: id) }

    package func answer(of id: HoldID) async throws(StoreFailure) -> Content? { try await content(.answer, of: id) }

    package func edited(of id: HoldID) async throws(StoreFailure) -> Content? { try await content(.edited, of: id) }

    package func before(of id: HoldID) async throws(StoreFailure) -> Content? { try await content(.before, of: id) }

    package func needingAttention(at now: Timestamp, limit: Int) async throws(StoreFailure) -> [Hold] {
        try await thread.read { database throws(StoreFailure) in
            try HoldTable.needingAttention(at: now, limit, database)
        }
    }

    package func due(at now: Timestamp, limit: Int) async throws(StoreFailure) -> [Hold] {
        try await thread.read { database throws(StoreFailure) in try HoldTable.due(at: now, limit, database) }
    }

    package func kill(_ scope: Scope, cause: String, limit: Int) async throws(StoreFailure) -> [Hold] {
        let (holds, unused) = try await thread.write { database throws(StoreFailure) -> ([Hold], [String]) in
            var killed: [Hold] = []
            var unused: [String] = []
            for hold in try HoldTable.unsent(scope, limit, database) {
                let change = HoldChange(to: .killed(cause: cause))
                if let hold = try HoldTable.advance(hold.id, hold.version, change, database) {
                    killed.append(hold)
                    unused += try ContentTable.release(hold, database)
                }
            }
            return (killed, unused)
        }
        remove(unused)
        return holds
    }

    package func stops() async throws(StoreFailure) -> [Stop] {
        try await thread.read { database throws(StoreFailure) in try StopTable.stops(database) }
    }

    package func keep(_ current: @escaping @Sendable () -> [Stop]) async throws(StoreFailure) {
        try await thread.write { database throws(StoreFailure) in try StopTable.replace(by: current(), database) }
    }

    package func recover(cause: String) async throws(StoreFailure) -> [Hold] {
        try await thread.write { database throws(StoreFailure) in
            var changed: [Hold] = []
            for hold in try HoldListing.holds(HoldQuery(states: ["sending"], limit: .max), database) {
                let change = HoldChange(to: .uncertain(cause: cause))
                if let hold = try HoldTable.advance(hold.id, hold.version, change, database) {
                    changed.append(hold)
                }
            }
            return changed
        }
    }

    private func content(_ kind: Vault.Kind, of id: HoldID) async throws(StoreFailure) -> Content? {
        let found = try await thread.read { database throws(StoreFailure) in
            try ContentTable.find(kind, of: id, database)
        }
        guard let found else { return nil }
        return try vault.open(found.sealed, kind, of: id, found.digest, spool: found.spool)
    }

    /// After the commit: a file that is still there if the process ends now is swept at the next start.
    private func remove(_ names: [String]) { for name in names { spool.remove(name) } }
}
