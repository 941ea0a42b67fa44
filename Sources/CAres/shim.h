#pragma once

// Names to addresses without a thread that blocks for each question: queries over UDP and TCP, hosts file, search list,
// and a strict reading of answers are c-ares's, which the distribution keeps patched.

// The C library's headers that ares.h includes are Glibc's to Swift. Without this they are also this module's, and which of the
// two a declaration belongs to depends on the files that the compiler happens to take together.
#if defined(__has_feature) && __has_feature(modules)
#pragma clang module import SwiftGlibc
#endif
#include <ares.h>

// Macros in c-ares 1.18 and an enumeration since 1.21, which Swift imports with different types.
static const int tg_ares_success = ARES_SUCCESS;
static const int tg_ares_no_data = ARES_ENODATA;
static const int tg_ares_not_found = ARES_ENOTFOUND;
static const int tg_ares_timed_out = ARES_ETIMEOUT;
static const int tg_ares_connection_refused = ARES_ECONNREFUSED;
