#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What another reader makes of a JSON document.
typedef enum {
    json_reference_refused,
    /// Well-formed, but with a number that it has no type for.
    json_reference_large_number,
    json_reference_accepted,
} json_reference_verdict;

/// Reads `bytes` with simdjson. What was read comes as one flat text in `*text` (freed by the caller with `free`): of
/// each value its kind, then strings decoded and with their length, numbers as they are written. Null where refused.
json_reference_verdict json_reference_read(const uint8_t *bytes, size_t count, uint8_t **text, size_t *length);

#ifdef __cplusplus
}
#endif
