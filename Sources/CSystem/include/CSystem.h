// What Glibc's Swift module lacks: each function here says why it cannot be called from Swift directly.
#pragma once
#include <stdint.h>
#include <sys/epoll.h>  // not in the Glibc module at all

#include "escape.h"
#include "jail.h"
#include "supervise.h"

// accept4, eventfd, signalfd and pthread_setname_np are GNU extensions: the Swift module is built without _GNU_SOURCE.
// `peer` has room for a sockaddr_storage. Each returns a descriptor or -errno.
int tg_accept(int listener, void *peer, uint32_t *length);
int tg_eventfd(void);
int tg_signalfd(const int *signals, int count);
void tg_thread_name(const char *name);

// pipe2(2) and memfd_create(2) are behind _GNU_SOURCE: what they make is not inherited. 0, or -errno; a descriptor, or
// -errno.
int tg_pipe(int ends[2]);
int tg_memory_file(void);

// struct ucred is behind _GNU_SOURCE. Returns 0, or -1 with errno.
int tg_peer_credentials(int socket, int32_t *pid, uint32_t *uid, uint32_t *gid);

// The kernel's headers of sock_diag(7) are not in the Glibc module. The first returns a descriptor or -errno; the second
// 0 with the account that has the other end of an accepted TCP connection, or -errno where nobody of this machine
// (network namespace) has it.
int tg_diag_socket(void);
// `destination` is where the other end believes to be connected to (sockaddr_storage), where that is not our own address.
struct tg_owner {
    uint32_t uid;
    // The inode of its directory in the cgroup2 file system; 0 where the kernel does not say.
    uint64_t cgroup;
};
int tg_socket_owner(int diag, int accepted, const void *destination, struct tg_owner *owner);
// The same for whoever has the UDP port that `peer` (sockaddr_storage) is; -ENOENT where nobody or more than one has.
int tg_datagram_owner(int diag, const void *peer, struct tg_owner *owner);

// Original destinations and the addresses of datagrams are control messages and options of kernel headers that clash with
// the Glibc module's. `destination`, `peer` and `local` have room for a sockaddr_storage. Each returns -errno where it fails.
int tg_original_destination(int accepted, void *destination);
int tg_datagram_options(int fd, int family);
int tg_transparent(int fd, int family);
intptr_t tg_receive(int fd, void *bytes, uintptr_t count, void *peer, void *local);
intptr_t tg_reply(int fd, const void *bytes, uintptr_t count, const void *peer, const void *local);

// errno is a macro, and must be read before any reference counting can change it: the calls on the hot path return
// the count or -errno in one step.
intptr_t tg_recv(int fd, void *bytes, uintptr_t count);
intptr_t tg_send(int fd, const void *bytes, uintptr_t count);
intptr_t tg_write(int fd, const void *bytes, uintptr_t count);

// sysconf and getrlimit take enums that import with different types on different C libraries.
uint64_t tg_descriptor_limit(void);

// struct winsize is the Glibc module's or the standard library's, by the files that are compiled together. 0 where there is none.
int tg_window_columns(int fd);
// Glibc's Swift module has no malloc.h. How much the heap is made longer by at once; as mallopt(3).
#include <malloc.h>
static inline int tg_heap_step(int bytes) { return mallopt(M_TOP_PAD, bytes); }

