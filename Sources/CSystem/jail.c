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
#include <sys/syscall.h>
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
    pid_t pid = clone_process(NAMESPACES | CLONE_PARENT);
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

int tg_jail_receive(int control, struct tg_jail_message *message, int *descriptors, int room) {
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(tg_jail_most_listeners * sizeof(int))];
    } extra;
    struct iovec part = {message, sizeof *message};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &extra, .msg_controllen = sizeof extra};
    ssize_t count;
    do count = recvmsg(control, &header, MSG_CMSG_CLOEXEC); while (count < 0 && errno == EINTR);
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
    return count == sizeof *message ? taken : -EBADMSG;
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
