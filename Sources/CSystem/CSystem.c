#define _GNU_SOURCE
#include "CSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/signalfd.h>
#include <unistd.h>

int tg_accept(int listener, void *peer, uint32_t *length) {
    int fd = accept4(listener, peer, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int tg_eventfd(void) {
    int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int tg_signalfd(const int *signals, int count) {
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < count; i++) sigaddset(&set, signals[i]);
    int failed = pthread_sigmask(SIG_BLOCK, &set, 0);
    if (failed) return -failed;
    int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int tg_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC) == 0 ? 0 : -errno; }

int tg_memory_file(void) {
    int fd = memfd_create("attached", MFD_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

void tg_thread_name(const char *name) { pthread_setname_np(pthread_self(), name); }

int tg_peer_credentials(int socket, int32_t *pid, uint32_t *uid, uint32_t *gid) {
    struct ucred peer;
    socklen_t length = sizeof peer;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return -1;
    *pid = peer.pid;
    *uid = peer.uid;
    *gid = peer.gid;
    return 0;
}

intptr_t tg_recv(int fd, void *bytes, uintptr_t count) {
    intptr_t got;
    do got = recv(fd, bytes, count, 0); while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

intptr_t tg_send(int fd, const void *bytes, uintptr_t count) {
    intptr_t sent;
    do sent = send(fd, bytes, count, MSG_NOSIGNAL); while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : sent;
}

intptr_t tg_write(int fd, const void *bytes, uintptr_t count) {
    intptr_t wrote;
    do wrote = write(fd, bytes, count); while (wrote < 0 && errno == EINTR);
    return wrote < 0 ? -errno : wrote;
}

uint64_t tg_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
    if (limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    return limit.rlim_cur;
}

int tg_window_columns(int fd) {
    struct winsize size;
    return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}
