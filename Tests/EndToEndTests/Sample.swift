import Foundation

/// Bodies as `upstream.py` makes them.
enum Sample {
    static func bytes(_ length: Int) -> Data {
        let block = Data((0...250).map { UInt8($0) })
        var bytes = Data(capacity: length + block.count)
        while bytes.count < length { bytes += block }
        return bytes.prefix(length)
    }

    static let digestOf5000 = "69dbee893909fa17d1be397e0c07691336fe42049c29d403467d3d4a1fc3b5a1"
    static let digestOf100000 = "cd2df694e424bc7968cc37f47751019e5ca0cd1bdf2e479ea537c3a1c32ee1aa"
    static let digestOf5Mi = "16b632f11cf950dda67dc4c184a3f9e0aa1ffa4c18927bb8977e7da97ca25bca"
}
