/// One action at one moment, on the loop that made it.
package final class LoopTimer {
    let deadline: Int64
    private var action: (() -> Void)?

    init(deadline: Int64, action: @escaping () -> Void) {
        self.deadline = deadline
        self.action = action
    }

    /// The action will not run; what it captured is let go at once, the entry in the queue when its time comes.
    package func cancel() { action = nil }

    func fire() {
        let due = action
        action = nil
        due?()
    }
}

/// A binary heap of timers by deadline.
struct TimerQueue {
    private var heap: [LoopTimer] = []

    var next: Int64? { heap.first?.deadline }

    mutating func push(_ timer: LoopTimer) {
        heap.append(timer)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].deadline < heap[parent].deadline else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes out what is due. The caller fires it: an action may set new timers, which is a change of this queue.
    mutating func due(at now: Int64) -> [LoopTimer] {
        var due: [LoopTimer] = []
        while let first = heap.first, first.deadline <= now {
            due.append(first)
            removeFirst()
        }
        return due
    }

    private mutating func removeFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].deadline < heap[smallest].deadline { smallest = child }
            }
            guard smallest != parent else { return }
            heap.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
