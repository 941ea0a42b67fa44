#include "CRE2.h"

#include <re2/re2.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <string>

struct cre2_pattern {
    re2::RE2 re;
    cre2_pattern(const re2::StringPiece &text, const re2::RE2::Options &options) : re(text, options) {}
};

extern "C" cre2_pattern *cre2_compile(
    const uint8_t *bytes, size_t count, int64_t memory, char *message, size_t room) {
    std::string reason = "there is no memory for it";
    try {
        re2::RE2::Options options;
        options.set_log_errors(false);
        options.set_max_mem(memory);
        const re2::StringPiece text(reinterpret_cast<const char *>(bytes), count);
        auto *pattern = new cre2_pattern(text, options);
        if (pattern->re.ok()) return pattern;
        reason = pattern->re.error();
        delete pattern;
    } catch (const std::bad_alloc &) {
    }
    if (room > 0) {
        const size_t length = std::min(room - 1, reason.size());
        std::memcpy(message, reason.data(), length);
        message[length] = 0;
    }
    return nullptr;
}

extern "C" void cre2_free(cre2_pattern *pattern) { delete pattern; }

extern "C" int cre2_matches(const cre2_pattern *pattern, const uint8_t *bytes, size_t count) {
    try {
        const re2::StringPiece text(reinterpret_cast<const char *>(bytes), count);
        return pattern->re.Match(text, 0, count, re2::RE2::UNANCHORED, nullptr, 0);
    } catch (const std::bad_alloc &) {
        return -1;
    }
}
