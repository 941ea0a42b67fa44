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
int jail_write(const char *path, const void *bytes, size_t size);

__attribute__((noreturn)) void jail_init(const struct tg_jail_plan *plan);
