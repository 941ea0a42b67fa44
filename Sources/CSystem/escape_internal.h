// Between the tables of attempts; see include/escape.h.
#pragma once
#include "escape.h"

// An attempt returns OPEN, or why it is closed: an errno, 0 for other reasons, which `escape_closed` says.
enum { OPEN = -1 };

struct escape_attempt {
    const char *name;
    int (*make)(void);
    int leads_to_namespaces;
};

// What the attempt that is being made was given.
extern const struct tg_escape_bait *escape_bait;

int escape_closed(const char *why);
// Of a socket: nothing is waited for long.
int escape_patient(int fd);

extern const struct escape_attempt escape_beside[];
extern const int escape_beside_count;
