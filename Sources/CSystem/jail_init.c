#define _GNU_SOURCE
#include "jail_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

// The first process of the jail: lays everything out, gives up every power, starts the program, and is its init.

// Nothing of the kernel's ends with this process but itself: whatever it started is ended one by one.
static int is_weaker;

__attribute__((noreturn)) static void end(int code) {
    if (is_weaker) jail_end_all();
    _exit(code);
}

static void map(const char *uids, const char *gids, int stage) {
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    int code = jail_write("/proc/self/setgroups", "deny", 4);
    // A namespace below one that denies it has it denied already.
    if (code && code != EPERM) jail_fail(stage, 0, code);
    code = jail_write("/proc/self/uid_map", uids, strlen(uids));
    if (!code) code = jail_write("/proc/self/gid_map", gids, strlen(gids));
    if (code) jail_fail(stage, 1, code);
}

static void give_up_capabilities(void) {
    for (int capability = 0; prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0; capability++) {}
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2];
    memset(none, 0, sizeof none);
    if (syscall(SYS_capset, &header, none) != 0) jail_fail(tg_jail_stage_privileges, 0, errno);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) jail_fail(tg_jail_stage_privileges, 1, errno);
}

// This process has a copy of the gate's memory: neither traced nor read through /proc.
static void protect(void) {
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) jail_fail(tg_jail_stage_privileges, 2, errno);
    // Changes of credentials clear it, so it comes last. The control socket's end says the same; where there is no
    // namespace that ends with this process, nothing else may: what it started has to be ended before.
    if (!is_weaker) prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
}

static void give_up_powers(const struct tg_jail_plan *plan) {
    give_up_capabilities();
    if (plan->landlock_scopes) {
        // struct landlock_ruleset_attr of version 6, which older headers do not have.
        uint64_t rules[3] = {0, 0, plan->landlock_scopes};
        int file = (int)syscall(SYS_landlock_create_ruleset, rules, sizeof rules, 0);
        if (file < 0 || syscall(SYS_landlock_restrict_self, file, 0) != 0) jail_fail(tg_jail_stage_landlock, 0, errno);
        close(file);
    }
    protect();
    // Here and not in the program alone: an unfiltered process of the same account would be a way around.
    struct sock_fprog program = {(unsigned short)plan->filter_count, (struct sock_filter *)plan->filter};
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) != 0) jail_fail(tg_jail_stage_filter, 0, errno);
}

static void give_terminal(pid_t group) {
    int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (terminal < 0) return;
    ioctl(terminal, TIOCSPGRP, &group);
    close(terminal);
}

__attribute__((noreturn)) static void try_all(const struct tg_jail_plan *plan) {
    char *const *arguments = (char *const *)plan->arguments, *const *environment = (char *const *)plan->environment;
    int code = ENOENT;
    for (const char *const *path = plan->candidates; *path; path++) {
        execve(*path, arguments, environment);
        if (errno == ENOEXEC) {
            plan->shell_arguments[1] = *path;
            execve(plan->shell_arguments[0], (char *const *)plan->shell_arguments, environment);
        }
        if (errno == ENOENT || errno == ENOTDIR) continue;
        int reason = errno;
        // In a directory that it may not enter there is nothing for the program, as shells see it.
        if (reason == EACCES && access(*path, F_OK) != 0) continue;
        code = reason;
        if (reason != EACCES) break;
    }
    jail_tell(tg_jail_not_executed, 0, code);
    _exit(code == ENOENT ? 127 : 126);
}

__attribute__((noreturn)) static void execute(const struct tg_jail_plan *plan) {
    setpgid(0, 0);
    // While SIGTTOU is blocked: the terminal is taken from the background.
    if (plan->takes_terminal) give_terminal(getpid());
    for (int number = 1; number < 65; number++) {
        struct sigaction action = {.sa_handler = SIG_DFL};
        if (number < 64 && plan->ignored >> number & 1) action.sa_handler = SIG_IGN;
        sigaction(number, &action, 0);
    }
    sigset_t none;
    sigemptyset(&none);
    if (chdir(plan->directory) != 0) {
        jail_tell(tg_jail_not_executed, 1, errno);
        _exit(125);
    }
    if (is_weaker) {
        // Its parent is no init whose end would be its own.
        prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        int code = jail_landlock(plan);
        if (code) {
            jail_tell(tg_jail_not_executed, 2, code);
            _exit(125);
        }
    }
    sigprocmask(SIG_SETMASK, &none, 0);
    try_all(plan);
}

static int exit_code(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

static void reap(pid_t program) {
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
        if (pid != program) continue;
        if (WIFSTOPPED(status)) {
            jail_tell(tg_jail_stopped, WSTOPSIG(status), 0);
        } else {
            // The namespace ends with its first process, and with it whatever the program left running.
            end(exit_code(status));
        }
    }
}

static void obey(pid_t program) {
    struct tg_jail_message message;
    ssize_t count;
    do count = recv(CONTROL, &message, sizeof message, 0); while (count < 0 && errno == EINTR);
    if (count != sizeof message) end(128 + SIGKILL);
    switch (message.word) {
    case tg_jail_signal: kill(-program, message.value); break;
    case tg_jail_foreground: give_terminal(program); break;
    // -1 would be every process of the account where there is no namespace around them.
    case tg_jail_freeze: kill(is_weaker ? -program : -1, SIGSTOP); break;
    case tg_jail_continue: kill(is_weaker ? -program : -1, SIGCONT); break;
    default: break;
    }
}

__attribute__((noreturn)) static void watch(pid_t program) {
    sigset_t children;
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    struct pollfd watched[2] = {{.fd = CONTROL, .events = POLLIN}, {.events = POLLIN}};
    watched[1].fd = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
    // Nothing of the caller's is kept open, a pipe would not end otherwise.
    int null = open("/dev/null", O_RDWR | O_CLOEXEC | O_NOCTTY);
    for (int stream = 0; stream < 3 && null >= 0; stream++) dup2(null, stream);
    while (1) {
        if (poll(watched, 2, -1) < 0) {
            if (errno == EINTR) continue;
            _exit(125);
        }
        if (watched[1].revents) {
            struct signalfd_siginfo ignored;
            while (read(watched[1].fd, &ignored, sizeof ignored) > 0) {}
            reap(program);
        }
        if (watched[0].revents) obey(program);
    }
}

static int may_fail(int need, int code) {
    switch (need) {
    case tg_jail_optional: return 1;
    case tg_jail_if_there: return code == ENOENT || code == ENOTDIR || code == EACCES;
    default: return 0;
    }
}

__attribute__((noreturn)) static void start(const struct tg_jail_plan *plan) {
    jail_tell(tg_jail_ready, 0, 0);
    struct tg_jail_message message;
    ssize_t count;
    do count = recv(CONTROL, &message, sizeof message, 0); while (count < 0 && errno == EINTR);
    if (count != sizeof message || message.word != tg_jail_go) _exit(125);
    pid_t program = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (program == 0) execute(plan);
    if (program < 0) jail_fail(tg_jail_stage_fork, 0, errno);
    setpgid(program, program);
    watch(program);
}

void jail_init(const struct tg_jail_plan *plan) {
    // Ignored it would leave the program's end unsaid.
    struct sigaction heard = {.sa_handler = SIG_DFL};
    sigaction(SIGCHLD, &heard, 0);
    // Neither the terminal's signals nor those for the gate's process group are ours.
    setpgid(0, 0);
    map(plan->outer_uids, plan->outer_gids, tg_jail_stage_mapping);
    for (size_t i = 0; i < plan->step_count; i++) {
        int code = jail_step(&plan->steps[i]);
        if (code && !may_fail(plan->steps[i].need, code)) jail_fail(tg_jail_stage_step, (int)i, code);
    }
    // The program's own account in a second namespace: the first one, which owns the network and the mounts, is out of
    // reach for everything that is started from here on.
    if (unshare(CLONE_NEWUSER) != 0) jail_fail(tg_jail_stage_second_namespace, 0, errno);
    map(plan->inner_uids, plan->inner_gids, tg_jail_stage_second_namespace);
    give_up_powers(plan);
    start(plan);
}

void jail_weaker_init(const struct tg_jail_plan *plan) {
    is_weaker = 1;
    setpgid(0, 0);
    // What the program leaves running becomes ours, and stays below the gate, which takes its sockets (ptrace(2), Yama).
    if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) jail_fail(tg_jail_stage_privileges, 3, errno);
    give_up_capabilities();
    protect();
    int code = jail_supervised(plan);
    if (code) jail_fail(tg_jail_stage_filter, 0, code);
    start(plan);
}
