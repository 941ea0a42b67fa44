#define _GNU_SOURCE
#include "supervise.h"
#include "jail_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

// Not in every kernel's headers.
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif
#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

// MARK: In the helper

int jail_supervised(const struct tg_jail_plan *plan) {
    struct sock_fprog program = {(unsigned short)plan->filter_count, (struct sock_filter *)plan->filter};
    unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
    // Signals would make a program call again and again that waits for its answer (Linux 5.19).
    int notify = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &program);
    if (notify < 0) notify = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
    if (notify < 0) return errno;
    return jail_give(notify);
}

int jail_landlock(const struct tg_jail_plan *plan) {
    // struct landlock_ruleset_attr of version 6; the kernel takes a longer one whose rest is zero.
    uint64_t handled[3] = {plan->landlock_files, plan->landlock_network, plan->landlock_scopes};
    size_t size = handled[2] ? 24 : handled[1] ? 16 : 8;
    int rules = (int)syscall(SYS_landlock_create_ruleset, handled, size, 0);
    if (rules < 0) return errno;
    for (size_t i = 0; i < plan->path_count; i++) {
        int file = open(plan->paths[i].path, O_PATH | O_CLOEXEC);
        // What is not there, or out of this account's reach, needs no rule.
        if (file < 0) continue;
        struct landlock_path_beneath_attr rule = {.allowed_access = plan->paths[i].rights, .parent_fd = file};
        int failed = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0;
        int code = errno;
        close(file);
        if (failed) {
            close(rules);
            return code;
        }
    }
    int failed = syscall(SYS_landlock_restrict_self, rules, 0) != 0;
    int code = errno;
    close(rules);
    return failed ? code : 0;
}

void jail_end_all(void) {
    while (1) {
        char path[64], list[16384];
        snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)syscall(SYS_gettid));
        int file = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t count = file < 0 ? 0 : read(file, list, sizeof list - 1);
        if (file >= 0) close(file);
        list[count > 0 ? count : 0] = 0;
        // A number that was cut off at the end is another time's; nobody else's processes are in the list.
        char *end = count == sizeof list - 1 ? strrchr(list, ' ') : 0;
        if (end) *end = 0;
        for (char *at = list; *at;) {
            char *next;
            long pid = strtol(at, &next, 10);
            if (next == at) break;
            if (pid > 1) kill((pid_t)pid, SIGKILL);
            at = next;
        }
        // Those of the one that is gone are ours from then on.
        if (waitpid(-1, 0, 0) < 0 && errno != EINTR) return;
    }
}

// MARK: In the gate

static void answer(int notify, uint64_t id, int code) {
    union {
        struct seccomp_notif_resp response;
        char room[256];
    } message;
    memset(&message, 0, sizeof message);
    message.response.id = id;
    message.response.error = -code;
    // Whoever called may be gone.
    ioctl(notify, SECCOMP_IOCTL_NOTIF_SEND, &message);
}

void tg_supervised_answer(int notify, const struct tg_supervised_call *call, int code) { answer(notify, call->id, code); }

static int valid(int notify, uint64_t id) { return ioctl(notify, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0; }

// The process of a thread, which has the descriptors.
static pid_t process_of(pid_t thread) {
    char path[48], text[512];
    snprintf(path, sizeof path, "/proc/%d/status", thread);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t count = file < 0 ? 0 : read(file, text, sizeof text - 1);
    if (file >= 0) close(file);
    if (count <= 0) return -1;
    text[count] = 0;
    char *line = strstr(text, "\nTgid:");
    return line ? (pid_t)strtol(line + 6, 0, 10) : -1;
}

// The gate's own descriptor of a socket of the program's, or -errno.
static int take(pid_t thread, int descriptor) {
    pid_t process = process_of(thread);
    if (process <= 0) return -ESRCH;
    int pidfd = (int)syscall(SYS_pidfd_open, process, 0);
    if (pidfd < 0) return -errno;
    int taken = (int)syscall(SYS_pidfd_getfd, pidfd, descriptor, 0);
    int code = errno;
    close(pidfd);
    return taken < 0 ? -code : taken;
}

static int option(int socket, int name) {
    int value = -1;
    socklen_t length = sizeof value;
    return getsockopt(socket, SOL_SOCKET, name, &value, &length) == 0 ? value : -1;
}

static int is_loopback(const struct sockaddr_storage *address) {
    if (address->ss_family == AF_INET)
        return (ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr) >> 24) == 127;
    const struct in6_addr *six = &((const struct sockaddr_in6 *)address)->sin6_addr;
    return address->ss_family == AF_INET6
        && (IN6_IS_ADDR_LOOPBACK(six) || (IN6_IS_ADDR_V4MAPPED(six) && six->s6_addr[12] == 127));
}

// Servers of the program's own are for this machine alone: who could connect from outside could be told something.
static int may_listen(int socket) {
    int family = option(socket, SO_DOMAIN);
    if (family == AF_UNIX) return 0;
    if (family != AF_INET && family != AF_INET6) return EPERM;
    struct sockaddr_storage own;
    socklen_t length = sizeof own;
    if (getsockname(socket, (struct sockaddr *)&own, &length) != 0) return errno;
    return is_loopback(&own) ? 0 : EPERM;
}

static int read_address(pid_t thread, uint64_t at, uint64_t size, struct sockaddr_storage *address) {
    if (size < sizeof(sa_family_t) || size > sizeof *address) return EINVAL;
    memset(address, 0, sizeof *address);
    struct iovec here = {address, size}, there = {(void *)(uintptr_t)at, size};
    if (process_vm_readv(thread, &here, 1, &there, 1, 0) != (ssize_t)size) return EFAULT;
    switch (address->ss_family) {
    case AF_INET: return size >= sizeof(struct sockaddr_in) ? 0 : EINVAL;
    // RFC 2133's form has no scope.
    case AF_INET6: return size >= sizeof(struct sockaddr_in6) - 4 ? 0 : EINVAL;
    // Nobody of this machine listens for a program without a jail of its own.
    case AF_UNIX: return ECONNREFUSED;
    default: return EAFNOSUPPORT;
    }
}

static void unmap(struct sockaddr_storage *address) {
    struct sockaddr_in6 six;
    memcpy(&six, address, sizeof six);
    if (six.sin6_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&six.sin6_addr)) return;
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = six.sin6_port};
    memcpy(&four.sin_addr, six.sin6_addr.s6_addr + 12, 4);
    memset(address, 0, sizeof *address);
    memcpy(address, &four, sizeof four);
}

static int check_connect(int socket, const struct sockaddr_storage *to) {
    int family = option(socket, SO_DOMAIN), protocol = option(socket, SO_PROTOCOL);
    if (option(socket, SO_TYPE) != SOCK_STREAM || (protocol != IPPROTO_TCP)) return EACCES;
    if (family == AF_INET6) return to->ss_family == AF_INET6 ? 0 : EINVAL;
    if (family != AF_INET) return EACCES;
    return to->ss_family == AF_INET ? 0 : EAFNOSUPPORT;
}

int tg_supervised_next(int notify, struct tg_supervised_call *call) {
    union {
        struct seccomp_notif notification;
        char room[1024];
    } message;
    struct pollfd watched = {.fd = notify, .events = POLLIN};
    if (poll(&watched, 1, -1) < 0) return errno == EINTR ? 0 : -errno;
    if (!(watched.revents & POLLIN)) return -EPIPE;
    memset(&message, 0, sizeof message);
    // The caller may have been killed since.
    if (ioctl(notify, SECCOMP_IOCTL_NOTIF_RECV, &message) != 0) return errno == ENOENT || errno == EINTR ? 0 : -errno;
    const struct seccomp_notif *said = &message.notification;
    const int is_connect = said->data.nr == SYS_connect;
    struct sockaddr_storage to;
    int code = is_connect ? read_address((pid_t)said->pid, said->data.args[1], (uint32_t)said->data.args[2], &to) : 0;
    int socket = code ? -1 : take((pid_t)said->pid, (int)said->data.args[0]);
    // Before this nothing that was read is known to be the caller's.
    if (!valid(notify, said->id)) {
        if (socket >= 0) close(socket);
        return 0;
    }
    if (!code && socket < 0) code = socket == -EBADF ? EBADF : EACCES;
    if (!code && is_connect) code = check_connect(socket, &to);
    if (!code && said->data.nr == SYS_listen) {
        code = may_listen(socket);
        if (!code && listen(socket, (int)said->data.args[1]) != 0) code = errno;
    } else if (!code && is_connect) {
        unmap(&to);
        call->id = said->id;
        call->descriptor = socket;
        memcpy(call->destination, &to, sizeof to);
        return 1;
    } else if (!code) {
        code = EPERM;
    }
    if (socket >= 0) close(socket);
    answer(notify, said->id, code);
    return 0;
}

static sa_family_t family_of(const struct tg_supervised_call *call) {
    return ((const struct sockaddr_storage *)call->destination)->ss_family;
}

// 127.0.0.1 in the form that the socket takes, or ::1.
static socklen_t here(const struct tg_supervised_call *call, uint16_t port, struct sockaddr_storage *address) {
    memset(address, 0, sizeof *address);
    if (option(call->descriptor, SO_DOMAIN) == AF_INET) {
        struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        memcpy(address, &four, sizeof four);
        return sizeof four;
    }
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    static const uint8_t mapped[16] = {[10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1};
    if (family_of(call) == AF_INET) memcpy(&six.sin6_addr, mapped, sizeof mapped);
    memcpy(address, &six, sizeof six);
    return sizeof six;
}

static uint16_t port_of(const struct sockaddr_storage *address) {
    return ntohs(((const struct sockaddr_in *)address)->sin_port);
}

static int is_any(const struct sockaddr_storage *address) {
    if (address->ss_family == AF_INET) return ((const struct sockaddr_in *)address)->sin_addr.s_addr == 0;
    return IN6_IS_ADDR_UNSPECIFIED(&((const struct sockaddr_in6 *)address)->sin6_addr);
}

int tg_supervised_source(const struct tg_supervised_call *call, void *room) {
    struct sockaddr_storage *source = room;
    socklen_t length = sizeof *source;
    if (getsockname(call->descriptor, (struct sockaddr *)source, &length) != 0) return -errno;
    if (port_of(source) == 0) {
        struct sockaddr_storage own = *source;
        if (is_any(source)) length = here(call, 0, &own);
        int zero = 0;
        setsockopt(call->descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &zero, sizeof zero);
        if (bind(call->descriptor, (struct sockaddr *)&own, length) != 0) return -errno;
        length = sizeof *source;
        if (getsockname(call->descriptor, (struct sockaddr *)source, &length) != 0) return -errno;
    }
    uint16_t port = port_of(source);
    if (port == 0) return -EADDRNOTAVAIL;
    if (is_any(source)) here(call, port, source);
    unmap(source);
    return 0;
}

int tg_supervised_connect(const struct tg_supervised_call *call, uint16_t port) {
    struct sockaddr_storage gate;
    socklen_t length = here(call, port, &gate);
    int failed;
    do failed = connect(call->descriptor, (struct sockaddr *)&gate, length); while (failed && errno == EINTR);
    return failed ? -errno : 0;
}

int tg_supervised_listener(int family, uint16_t *port) {
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;
    if (fd < 0) return -errno;
    struct sockaddr_storage own_family = {.ss_family = (sa_family_t)family};
    struct tg_supervised_call own = {.descriptor = fd};
    memcpy(own.destination, &own_family, sizeof own_family);
    struct sockaddr_storage address;
    socklen_t length = here(&own, 0, &address);
    if ((family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one) != 0)
        || bind(fd, (struct sockaddr *)&address, length) != 0 || listen(fd, 4096) != 0
        || (length = sizeof address, getsockname(fd, (struct sockaddr *)&address, &length)) != 0) {
        int code = errno;
        close(fd);
        return -code;
    }
    *port = port_of(&address);
    return fd;
}

int tg_supervised_probe(const char **call) {
    uint32_t action = SECCOMP_RET_USER_NOTIF;
    *call = "seccomp user notification (Linux 5.0)";
    if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) != 0) return -errno;
    *call = "pidfd_getfd (Linux 5.6)";
    int pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
    int taken = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, pidfd, 0);
    int code = errno;
    if (taken >= 0) close(taken);
    if (pidfd >= 0) close(pidfd);
    return taken < 0 ? -code : 0;
}
