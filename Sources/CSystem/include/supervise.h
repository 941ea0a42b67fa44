// Calls of a program without namespaces that the gate makes in its stead (seccomp_unotify(2)).
//
// Nothing that the program could change meanwhile is looked at twice: the gate takes a copy of the address, and acts on its
// own descriptor of the program's socket. No call is ever let through to the kernel.
#pragma once
#include <stdint.h>

struct tg_supervised_call {
    uint64_t id;
    // The program's socket, for the caller to close.
    int32_t descriptor;
    // Where to, a struct sockaddr_storage: of the family AF_INET, also where the program mapped it into IPv6, or AF_INET6.
    uint64_t destination[16];
};

// Waits for the next call. 1: a connect that the caller answers; 0: something else, which is answered already; -EPIPE: nobody
// is left who could call.
int tg_supervised_next(int notify, struct tg_supervised_call *call);

// Gives the socket the address that a connection to this machine will come from (a struct sockaddr_storage); 0 or -errno.
int tg_supervised_source(const struct tg_supervised_call *call, void *source);

// Connects it to this port of 127.0.0.1, or of ::1 for a destination of IPv6; 0 or -errno.
int tg_supervised_connect(const struct tg_supervised_call *call, uint16_t port);

// 0, or the errno that the program gets.
void tg_supervised_answer(int notify, const struct tg_supervised_call *call, int code);

// A listener on 127.0.0.1 or ::1, at a port of the kernel's choice; its descriptor or -errno.
int tg_supervised_listener(int family, uint16_t *port);

// Whether this kernel and whatever is around this process allow it: 0 or -errno, and which call was refused.
int tg_supervised_probe(const char **call);
