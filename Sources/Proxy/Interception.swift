import Synchronization

/// What one set of intercepted sockets brings in, from `ProxyServer.intercept` until `end`.
package final class Interception: Sendable {
    let listeners: InterceptedListeners

    init(_ listeners: InterceptedListeners) { self.listeners = listeners }

    /// Closes its sockets, from any thread; connections that came by them go on.
    package func end() { listeners.end() }
}
