import JSON
import Rules

/// Diagnostics as the Static Analysis Results Interchange Format has them (OASIS SARIF 2.1.0).
enum SARIF {
    static func document(_ diagnostics: [Diagnostic]) -> [UInt8] {
        JSONWriter.object { log in
            log.field("$schema", "https://json.schemastore.org/sarif-2.1.0.json")
            log.field("version", "2.1.0")
            log.array("runs") { runs in
                runs.object { run in
                    run.object("tool") { tool in
                        tool.object("driver") { driver in
                            driver.field("name", "tiergate")
                            driver.field("version", Version.number)
                            driver.array("rules") { rules in
                                for code in Set(diagnostics.map(\.code.rawValue)).sorted() {
                                    rules.object { $0.field("id", code) }
                                }
                            }
                        }
                    }
                    // Columns are counted in code points.
                    run.field("columnKind", "unicodeCodePoints")
                    run.array("results") { results in
                        for diagnostic in diagnostics { results.object { write(diagnostic, into: &$0) } }
                    }
                }
            }
        }
    }

    private static func write(_ diagnostic: Diagnostic, into result: inout JSONWriter.Object) {
        result.field("ruleId", diagnostic.code.rawValue)
        result.field("level", diagnostic.severity.rawValue)
        result.object("message") { message in
            let help = diagnostic.help.map { "\n\($0)" } ?? ""
            message.field("text", diagnostic.message + help)
        }
        result.array("locations") { locations in
            locations.object { location in
                location.object("physicalLocation") { place in
                    place.object("artifactLocation") { $0.field("uri", diagnostic.file) }
                    place.object("region") { region in
                        region.field("startLine", diagnostic.span.line)
                        region.field("startColumn", diagnostic.span.column)
                        region.field("endColumn", diagnostic.span.column + diagnostic.span.length)
                    }
                }
            }
        }
    }
}
