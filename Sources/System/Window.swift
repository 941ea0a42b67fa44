import CSystem

/// The window of a terminal.
package enum Window {
    /// Its width; nil where the descriptor is no terminal, or one without a size.
    package static func columns(of descriptor: CInt) -> Int? {
        let columns = Int(tg_window_columns(descriptor))
        return columns > 0 ? columns : nil
    }
}
