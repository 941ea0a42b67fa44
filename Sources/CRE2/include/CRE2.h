// RE2 is C++; this is the part of it that conditions need, with nothing thrown and nothing allocated by a match.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cre2_pattern cre2_pattern;

// Compiles a pattern with at most `memory` bytes for its automata. NULL where it is no pattern or needs more; then
// `message` has the reason, cut at `room` bytes and ended by a NUL.
cre2_pattern *cre2_compile(const uint8_t *bytes, size_t count, int64_t memory, char *message, size_t room);
void cre2_free(cre2_pattern *pattern);

// Whether the pattern matches anywhere in the text.
int cre2_matches(const cre2_pattern *pattern, const uint8_t *bytes, size_t count);

#ifdef __cplusplus
}
#endif
