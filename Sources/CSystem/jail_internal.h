// Between the parts of the jail's helper; see include/jail.h.
#pragma once
#include "jail.h"

// Where the control socket is in the helper; nothing else stays open beside the standard streams.
enum { CONTROL = 3 };

__attribute__((noreturn)) void jail_fail(int stage, int step, int code);
void jail_tell(int word, int value, int code);

// Each returns 0 or errno.
int jail_step(const struct tg_jail_step *step);
int jail_netlink(int family, const void *messages, size_t size);
int jail_listen(int type, const void *address, size_t size);
int jail_hand_over(void);
// The same for one descriptor, which is closed.
int jail_give(int descriptor);
int jail_write(const char *path, const void *bytes, size_t size);

__attribute__((noreturn)) void jail_init(const struct tg_jail_plan *plan);

// Without namespaces: the same on a machine that has none for an ordinary account.
__attribute__((noreturn)) void jail_weaker_init(const struct tg_jail_plan *plan);
// Installs the filter, and gives the gate the descriptor at which it answers.
int jail_supervised(const struct tg_jail_plan *plan);
int jail_landlock(const struct tg_jail_plan *plan);
// Kills whatever is left below this process.
void jail_end_all(void);
