#define _GNU_SOURCE
#include "jail_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/landlock.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAMESPACES \
    (CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP)

// Not fork(): that runs what libraries have asked for at forks, which may take locks that another thread holds.
static pid_t clone_process(unsigned long flags) { return (pid_t)syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0); }

void jail_tell(int word, int value, int code) {
    struct tg_jail_message message = {.word = word, .value = value, .code = code};
    send(CONTROL, &message, sizeof message, MSG_NOSIGNAL);
}

void jail_fail(int stage, int step, int code) {
    struct tg_jail_message message = {.word = tg_jail_failed, .value = stage, .step = step, .code = code};
    send(CONTROL, &message, sizeof message, MSG_NOSIGNAL);
    _exit(125);
}

// Root may not be in the jail: whoever it is to be, with no groups but its own.
static int become(const struct tg_jail_plan *plan) {
    // The system calls themselves: the C library's functions wait for all threads of the process, and there are none.
    if (syscall(SYS_setgroups, 0, (void *)0) != 0) return errno;
    if (syscall(SYS_setresgid, plan->gid, plan->gid, plan->gid) != 0) return errno;
    if (syscall(SYS_setresuid, plan->uid, plan->uid, plan->uid) != 0) return errno;
    return 0;
}

__attribute__((noreturn)) static void help(const struct tg_jail_plan *plan, int control) {
    if (control != CONTROL && dup3(control, CONTROL, O_CLOEXEC) < 0) _exit(125);
    syscall(SYS_close_range, CONTROL + 1, ~0u, 0);
    if (plan->drops) {
        int code = become(plan);
        if (code) jail_fail(tg_jail_stage_account, 0, code);
    }
    // A change of account makes /proc/self root's, and the maps of the namespace could not be written.
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    // The gate's child, not ours: it waits for it, and we go.
    pid_t pid = clone_process((plan->is_weaker ? 0 : NAMESPACES) | CLONE_PARENT);
    if (pid == 0 && plan->is_weaker) jail_weaker_init(plan);
    if (pid == 0) jail_init(plan);
    if (pid < 0) jail_fail(tg_jail_stage_namespaces, 0, errno);
    jail_tell(tg_jail_started, pid, 0);
    _exit(0);
}

int tg_jail_start(const struct tg_jail_plan *plan, int control) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t helper = clone_process(0);
    if (helper == 0) help(plan, control);
    int code = errno;
    pthread_sigmask(SIG_SETMASK, &before, 0);
    if (helper < 0) return -code;
    while (waitpid(helper, 0, 0) < 0 && errno == EINTR) {}
    return 0;
}

int tg_jail_control(int ends[2]) {
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0 ? 0 : -errno;
}

// A whole message of so many bytes with its descriptors: their count, or -errno.
static int receive(int fd, void *bytes, size_t size, int *descriptors, int room) {
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(tg_jail_most_listeners * sizeof(int))];
    } extra;
    struct iovec part = {bytes, size};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &extra, .msg_controllen = sizeof extra};
    ssize_t count;
    do count = recvmsg(fd, &header, MSG_CMSG_CLOEXEC); while (count < 0 && errno == EINTR);
    if (count < 0) return -errno;
    if (count == 0) return -EPIPE;
    int taken = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&header); c; c = CMSG_NXTHDR(&header, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
        int given = (int)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        for (int i = 0; i < given; i++) {
            int descriptor;
            memcpy(&descriptor, CMSG_DATA(c) + i * sizeof(int), sizeof descriptor);
            if (taken < room) descriptors[taken++] = descriptor; else close(descriptor);
        }
    }
    if ((size_t)count == size) return taken;
    for (int i = 0; i < taken; i++) close(descriptors[i]);
    return -EBADMSG;
}

int tg_jail_receive(int control, struct tg_jail_message *message, int *descriptors, int room) {
    return receive(control, message, sizeof *message, descriptors, room);
}

uint64_t tg_ignored_signals(void) {
    uint64_t ignored = 0;
    for (int number = 1; number < 32; number++) {
        struct sigaction action;
        if (sigaction(number, 0, &action) == 0 && action.sa_handler == SIG_IGN) ignored |= 1ull << number;
    }
    return ignored;
}

int tg_landlock_version(void) {
    long version = syscall(SYS_landlock_create_ruleset, (void *)0, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return version < 0 ? 0 : (int)version;
}

int tg_wait(int32_t pid) {
    int status;
    pid_t found;
    do found = waitpid(pid, &status, 0); while (found < 0 && errno == EINTR);
    if (found < 0) return -errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int tg_jail_probe_namespaces(void) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t child = clone_process(NAMESPACES);
    if (child == 0) _exit(0);
    int code = errno;
    pthread_sigmask(SIG_SETMASK, &before, 0);
    if (child < 0) return -code;
    while (waitpid(child, 0, 0) < 0 && errno == EINTR) {}
    return 0;
}

// MARK: Handing a jail's listeners to a gate that runs already

static int unix_socket(const char *path, struct sockaddr_un *address) {
    size_t length = strlen(path);
    if (length >= sizeof address->sun_path) return -ENAMETOOLONG;
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    memcpy(address->sun_path, path, length);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    return fd < 0 ? -errno : fd;
}

int tg_offer_listen(const char *path) {
    struct sockaddr_un address;
    int fd = unix_socket(path, &address);
    if (fd < 0) return fd;
    unlink(path);
    // The file has the socket's own mode from the beginning (unix(7)).
    fchmod(fd, 0600);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 128) == 0) return fd;
    int code = errno;
    close(fd);
    return -code;
}

int tg_offer_connect(const char *path) {
    struct sockaddr_un address;
    int fd = unix_socket(path, &address);
    if (fd < 0) return fd;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
    int code = errno;
    close(fd);
    return -code;
}

int tg_offer_accept(int listener) {
    int fd = accept4(listener, 0, 0, SOCK_CLOEXEC);
    if (fd < 0) return -errno;
    // Nobody keeps the others waiting.
    struct timeval patience = {.tv_sec = 2};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return fd;
}

int tg_offer_send(int fd, const struct tg_offer *offer, const int *descriptors, int count) {
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(tg_jail_most_listeners * sizeof(int))];
    } extra;
    if (count < 1 || count > tg_jail_most_listeners) return -EINVAL;
    memset(&extra, 0, sizeof extra);
    struct iovec part = {(void *)offer, sizeof *offer};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &extra,
                            .msg_controllen = CMSG_SPACE(count * sizeof(int))};
    extra.header.cmsg_level = SOL_SOCKET;
    extra.header.cmsg_type = SCM_RIGHTS;
    extra.header.cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(&extra.header), descriptors, count * sizeof(int));
    return sendmsg(fd, &header, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int tg_offer_receive(int fd, struct tg_offer *offer, int *descriptors, int room) {
    return receive(fd, offer, sizeof *offer, descriptors, room);
}
