// A program in namespaces of its own, from fork to exec. Between the two nothing may allocate or take a lock: the process
// that forks has threads. So everything is laid out by the caller, and followed here step by step.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/audit.h>
#include <sys/syscall.h>

enum tg_jail_kind {
    tg_jail_netlink,   // send `data` to the netlink family `flags`, expect an acknowledgement of each message
    tg_jail_listen,    // a socket of type `flags`, bound to the address in `data`, kept until they are handed over
    tg_jail_hand_over, // give the sockets made so far to the gate
    tg_jail_mount,     // mount(source, target, type, flags, data)
    tg_jail_attributes,// mount_setattr(target, recursive, set flags)
    tg_jail_directory, // mkdir(target, flags); one that is there is good
    tg_jail_file,      // make the file target with mode flags and what `data` says; one that is there stays
    tg_jail_link,      // symlink(source, target)
    tg_jail_pivot,     // pivot_root(source, target), then stand in the new root
    tg_jail_detach,    // umount2(target, MNT_DETACH)
    tg_jail_write,     // write `data` to the file target, which is there
};

enum tg_jail_need {
    tg_jail_required,
    // What the program can do without: a failure is passed over.
    tg_jail_optional,
    // What need not be done where there is no such path, or none that this account can reach.
    tg_jail_if_there,
};

struct tg_jail_step {
    int32_t kind;
    int32_t need;  // tg_jail_need
    uint64_t flags;
    const char *source, *target, *type;
    const void *data;
    size_t size;
};

// What Landlock lets a program do at and below a path.
struct tg_jail_path {
    const char *path;
    uint64_t rights;
};

struct tg_jail_plan {
    // Without namespaces: the gate answers for each connect and listen (tg_supervised_next), and Landlock keeps the files.
    int32_t is_weaker;
    const struct tg_jail_path *paths;
    size_t path_count;
    uint64_t landlock_files, landlock_network;
    const struct tg_jail_step *steps;
    size_t step_count;
    // Whom a root that starts it turns into first; ignored unless `drops`.
    int32_t drops;
    uint32_t uid, gid;
    // "0 UID 1" of the first user namespace, "UID 0 1" of the second.
    const char *outer_uids, *outer_gids, *inner_uids, *inner_gids;
    const struct sock_filter *filter;
    size_t filter_count;
    uint64_t landlock_scopes;
    const char *directory;
    // Paths to try in turn, as execvp does.
    const char *const *candidates;
    const char *const *arguments;
    // What a file without a known form is run by, as shells do: /bin/sh, room for its path, the rest of the arguments.
    const char **shell_arguments;
    const char *const *environment;
    // Bit n: signal n is ignored by the program too (nohup).
    uint64_t ignored;
    int32_t takes_terminal;
};

// What goes over the control socket (SOCK_SEQPACKET), each a tg_jail_message.
enum tg_jail_word {
    // from the jail
    tg_jail_started,    // value: the pid of its first process
    tg_jail_listeners,  // with the descriptors; of a weaker one the one at which the gate answers for calls
    tg_jail_ready,      // everything is laid out; it waits for `go`
    tg_jail_failed,     // value: the stage, step: the step, code: errno
    tg_jail_not_executed,  // code: errno; value: 1 where it is the directory that it cannot begin in, 2 Landlock
    tg_jail_stopped,    // value: the signal that stopped the program
    // to the jail
    tg_jail_go,
    tg_jail_signal,     // value: for the program's process group
    tg_jail_foreground, // the program's process group gets the terminal
    tg_jail_freeze,     // every process is stopped
    tg_jail_continue,
};

enum tg_jail_stage {
    tg_jail_stage_account,
    tg_jail_stage_namespaces,
    tg_jail_stage_mapping,
    tg_jail_stage_step,
    tg_jail_stage_second_namespace,
    tg_jail_stage_privileges,
    tg_jail_stage_landlock,
    tg_jail_stage_filter,
    tg_jail_stage_fork,
};

// Listeners that a jail may have; SCM_RIGHTS carries 253.
enum tg_jail_limit { tg_jail_most_listeners = 64 };

struct tg_jail_message {
    int32_t word, value, step, code;
};

// Starts it; the other end of `control` is the caller's, and when that is closed the jail ends. 0 or -errno.
int tg_jail_start(const struct tg_jail_plan *plan, int control);

// The ends of a control socket; 0 or -errno.
int tg_jail_control(int ends[2]);

// Takes the next message, with at most `room` descriptors; their count, or -errno; -EPIPE where the jail is gone.
int tg_jail_receive(int control, struct tg_jail_message *message, int *descriptors, int room);

// Bit n where the calling process ignores signal n.
uint64_t tg_ignored_signals(void);

// The version of Landlock's interface, 0 where the kernel has none.
int tg_landlock_version(void);

// Waits for a child: its exit status, 128 and the number of the signal that ended it, or -errno.
int tg_wait(int32_t pid);

// Whether a process of one's own can make all the namespaces of a jail here: 0 or -errno.
int tg_jail_probe_namespaces(void);

// A jail's listeners for a gate that runs already: how many of each kind, in this order, and whose they are.
struct tg_offer {
    uint32_t streams, datagrams, name_streams;
    char session[68];
    char autonomy[16];
};

// Over sockets of the kind SOCK_SEQPACKET in the gate's directory; each returns a descriptor, a count or 0, or -errno.
int tg_offer_listen(const char *path);
int tg_offer_connect(const char *path);
int tg_offer_accept(int listener);
int tg_offer_send(int fd, const struct tg_offer *offer, const int *descriptors, int count);
int tg_offer_receive(int fd, struct tg_offer *offer, int *descriptors, int room);
