#define _GNU_SOURCE
#include "escape_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data);
int umount2(const char *target, int flags);

// An attempt returns OPEN, or why it is closed: an errno, 0 for other reasons, which stay in `note`.
static char note[80];
const struct tg_escape_bait *escape_bait;
#define bait escape_bait
// Where an attempt tells how it ended: the one descriptor of its own.
static int report;

int escape_closed(const char *why) {
    snprintf(note, sizeof note, "%s", why);
    return 0;
}
#define closed escape_closed

// What is wanted is that the call fails.
static int fails(long result) { return result < 0 ? errno : OPEN; }

static int close_and_open(int fd) {
    if (fd < 0) return errno;
    close(fd);
    return OPEN;
}

// MARK: Sockets

int escape_patient(int fd) {
    struct timeval time = {.tv_usec = 400000};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
    return fd;
}
#define patient escape_patient

// Whoever was to be reached says a word; the gate, which may be there instead, does not know it.
static int reached(int fd) {
    char word[sizeof TG_ESCAPE_WORD] = "";
    send(fd, "?", 1, MSG_NOSIGNAL);
    size_t got = 0;
    while (got < sizeof TG_ESCAPE_WORD - 1) {
        ssize_t count = recv(fd, word + got, sizeof TG_ESCAPE_WORD - 1 - got, 0);
        if (count < 0) return errno == EAGAIN ? closed("not answered") : errno;
        if (count == 0) return closed("intercepted");
        got += (size_t)count;
    }
    return strcmp(word, TG_ESCAPE_WORD) == 0 ? OPEN : closed("intercepted");
}

static int unix_connect(int type, const char *path, int abstract) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length + 1 >= sizeof address.sun_path) return ENAMETOOLONG;
    memcpy(address.sun_path + abstract, path, length);
    int fd = patient(socket(AF_UNIX, type, 0));
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + abstract + length + !abstract);
    if (connect(fd, (struct sockaddr *)&address, size) != 0) return errno;
    return OPEN;
}

static int reach4(int type, int protocol, uint32_t address, uint16_t port, uint32_t from) {
    int fd = socket(AF_INET, type, protocol);
    if (fd < 0) return errno;
    patient(fd);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(address)};
    if (from) {
        struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(from)};
        if (bind(fd, (struct sockaddr *)&own, sizeof own) != 0) return errno;
    }
    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0) return errno;
    return reached(fd);
}

static int reach6(int type, const uint8_t address[16], uint16_t port) {
    int fd = socket(AF_INET6, type, 0);
    if (fd < 0) return errno;
    patient(fd);
    struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    memcpy(&to.sin6_addr, address, 16);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0) return errno;
    return reached(fd);
}

static const uint8_t loopback6[16] = {[15] = 1};
static const uint8_t outside6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 7};
enum { LOOPBACK = 0x7f000001, OUTSIDE = 0xc0000207, RESOLVER = 0x08080808 };

static int tcp_loopback4(void) { return reach4(SOCK_STREAM, 0, LOOPBACK, bait->port4, 0); }
static int tcp_loopback6(void) { return reach6(SOCK_STREAM, loopback6, bait->port6); }
static int tcp_any(void) { return reach4(SOCK_STREAM, 0, 0, bait->port4, 0); }
static int tcp_own_address(void) { return bait->address4 ? reach4(SOCK_STREAM, 0, bait->address4, bait->port4, 0) : closed("no address"); }
static int tcp_spoofed(void) { return bait->address4 ? reach4(SOCK_STREAM, 0, bait->address4, bait->port4, 0x0a010203) : closed("no address"); }
static int tcp_odd_port(void) { return reach4(SOCK_STREAM, 0, OUTSIDE, 61234, 0); }
static int tcp_outside6(void) { return reach6(SOCK_STREAM, outside6, 443); }
static int tcp_metadata(void) { return reach4(SOCK_STREAM, 0, 0xa9fea9fe, 80, 0); }
static int tcp_mptcp(void) { return reach4(SOCK_STREAM, 262, bait->address4 ? bait->address4 : OUTSIDE, bait->port4, 0); }
static int udp_loopback(void) { return reach4(SOCK_DGRAM, 0, LOOPBACK, bait->port4, 0); }
static int udp_own_address(void) { return bait->address4 ? reach4(SOCK_DGRAM, 0, bait->address4, bait->port4, 0) : closed("no address"); }
static int udp_quic(void) { return reach4(SOCK_DGRAM, 0, OUTSIDE, 443, 0); }
static int udp_quic6(void) { return reach6(SOCK_DGRAM, outside6, 443); }
static int udp_time(void) { return reach4(SOCK_DGRAM, 0, OUTSIDE, 123, 0); }
static int udp_from_53(void) {
    int fd = patient(socket(AF_INET, SOCK_DGRAM, 0));
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons(53)};
    return bind(fd, (struct sockaddr *)&own, sizeof own) != 0 ? errno : closed("leads nowhere");
}
static int udp_resolver(void) { return reach4(SOCK_DGRAM, 0, RESOLVER, 53, 0); }
static int udp_multicast(void) { return reach4(SOCK_DGRAM, 0, 0xe00000fb, 5353, 0); }
static int udp_broadcast(void) {
    int fd = patient(socket(AF_INET, SOCK_DGRAM, 0)), one = 1;
    setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &one, sizeof one);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(bait->port4), .sin_addr.s_addr = ~0u};
    if (sendto(fd, "?", 1, 0, (struct sockaddr *)&to, sizeof to) < 0) return errno;
    return reached(fd);
}
static int fast_open(void) {
    int fd = patient(socket(AF_INET, SOCK_STREAM, 0));
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(bait->port4), .sin_addr.s_addr = htonl(LOOPBACK)};
    if (sendto(fd, "?", 1, MSG_FASTOPEN | MSG_NOSIGNAL, (struct sockaddr *)&to, sizeof to) < 0) return errno;
    return reached(fd);
}
static int gate_port(void) { return reach4(SOCK_STREAM, 0, LOOPBACK, bait->gate_port, 0); }
static int bind_gate_port(void) {
    int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons(bait->gate_port)};
    return fails(bind(fd, (struct sockaddr *)&own, sizeof own) || listen(fd, 1) ? -1 : 0);
}
static int transparent(void) {
    int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    return fails(setsockopt(fd, IPPROTO_IP, 19, &one, sizeof one));
}
static int bind_to_device(void) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "eth0", 5) != 0 ? errno : OPEN;
}
static int set_mark(void) {
    int fd = socket(AF_INET, SOCK_STREAM, 0), mark = 1;
    return fails(setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof mark));
}
static int raw4(void) { return close_and_open(socket(AF_INET, SOCK_RAW, IPPROTO_RAW)); }
static int raw6(void) { return close_and_open(socket(AF_INET6, SOCK_RAW, IPPROTO_RAW)); }
static int ping(void) { return close_and_open(socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP)); }
static int packet(void) { return close_and_open(socket(AF_PACKET, SOCK_RAW, htons(3))); }
static int packet_datagram(void) { return close_and_open(socket(AF_PACKET, SOCK_DGRAM, htons(3))); }
static int vsock(void) { return close_and_open(socket(40, SOCK_STREAM, 0)); }
static int bluetooth(void) { return close_and_open(socket(31, SOCK_RAW, 1)); }
static int can(void) { return close_and_open(socket(29, SOCK_RAW, 1)); }
static int algorithms(void) { return close_and_open(socket(38, SOCK_SEQPACKET, 0)); }
static int express(void) { return close_and_open(socket(44, SOCK_RAW, 0)); }
static int tipc(void) { return close_and_open(socket(30, SOCK_SEQPACKET, 0)); }
static int qipc(void) { return close_and_open(socket(42, SOCK_DGRAM, 0)); }
static int netlink_filter(void) { return close_and_open(socket(AF_NETLINK, SOCK_RAW, 12)); }
static int netlink_diag(void) { return close_and_open(socket(AF_NETLINK, SOCK_RAW, 4)); }
static int netlink_events(void) { return close_and_open(socket(AF_NETLINK, SOCK_RAW, 15)); }
static int netlink_audit(void) { return close_and_open(socket(AF_NETLINK, SOCK_RAW, 9)); }

// Takes the route that leads everything to the gate away.
static int delete_route(void) {
    struct {
        struct nlmsghdr header;
        struct rtmsg route;
    } message = {{sizeof message, RTM_DELROUTE, NLM_F_REQUEST | NLM_F_ACK, 1, 0},
                 {.rtm_family = AF_INET, .rtm_table = 255, .rtm_type = RTN_LOCAL, .rtm_scope = RT_SCOPE_HOST}};
    int fd = patient(socket(AF_NETLINK, SOCK_RAW, 0));
    if (fd < 0 || send(fd, &message, sizeof message, 0) < 0) return errno;
    char answer[1024];
    if (recv(fd, answer, sizeof answer, 0) < (ssize_t)NLMSG_LENGTH(sizeof(struct nlmsgerr))) return errno;
    int code = -((struct nlmsgerr *)NLMSG_DATA(answer))->error;
    return code ? code : OPEN;
}
static int make_link(void) {
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct { char name[16]; short flags; char rest[22]; } request = {.name = "lo"};
    return fails(ioctl(fd, 0x8914, &request));  // SIOCSIFFLAGS: lo down
}

// MARK: Unix sockets

static int abstract_stream(void) { return unix_connect(SOCK_STREAM, bait->abstract_name, 1); }
static int abstract_datagram(void) { return unix_connect(SOCK_DGRAM, bait->abstract_name, 1); }
static int socket_in_tmp(void) { return unix_connect(SOCK_STREAM, bait->passing_socket, 0); }
static int socket_in_project(void) { return unix_connect(SOCK_STREAM, bait->project_socket, 0); }
static int socket_by_link(void) {
    unlink("escape-link");
    if (symlink(bait->project_socket, "escape-link") != 0) return errno;
    int result = unix_connect(SOCK_STREAM, "escape-link", 0);
    unlink("escape-link");
    return result;
}
static int socket_by_hard_link(void) {
    unlink("escape-hard");
    if (link(bait->project_socket, "escape-hard") != 0) return errno;
    int result = unix_connect(SOCK_STREAM, "escape-hard", 0);
    unlink("escape-hard");
    return result;
}
static int socket_after_unlink(void) {
    // The mask is taken away: the file under it would be there again.
    if (unlink(bait->project_socket) != 0) return errno;
    return unix_connect(SOCK_STREAM, bait->project_socket, 0);
}
static int socket_after_rename(void) {
    if (rename(bait->project_socket, "escape-moved") != 0) return errno;
    return unix_connect(SOCK_STREAM, "escape-moved", 0);
}
static int operator_socket(void) { return unix_connect(SOCK_STREAM, bait->operator_socket, 0); }
static int container_socket(void) { return unix_connect(SOCK_STREAM, "/run/docker.sock", 0); }
static int container_socket_too(void) { return unix_connect(SOCK_STREAM, "/var/run/docker.sock", 0); }
static int bus_socket(void) { return unix_connect(SOCK_STREAM, "/run/dbus/system_bus_socket", 0); }
static int manager_socket(void) { return unix_connect(SOCK_STREAM, "/run/systemd/private", 0); }
static int agent_socket(void) {
    const char *path = getenv("SSH_AUTH_SOCK");
    return path ? unix_connect(SOCK_STREAM, path, 0) : closed("not named");
}

// MARK: Processes

static int read_of(int pid, const char *file) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
    int fd = open(path, O_RDONLY);
    if (fd < 0) return errno;
    char byte;
    ssize_t count = read(fd, &byte, 1);
    return count < 0 ? errno : count == 0 ? closed("empty") : OPEN;
}
// The number may be somebody else's in here: whether it is the gate's, its name tells.
static int is_gate(void) {
    char path[64], name[64] = "";
    snprintf(path, sizeof path, "/proc/%d/comm", bait->pid);
    int fd = open(path, O_RDONLY);
    return fd >= 0 && read(fd, name, sizeof name - 1) > 0 && strncmp(name, "tiergate", 8) == 0;
}
static int gate_environment(void) { return is_gate() ? read_of(bait->pid, "environ") : ENOENT; }
static int gate_memory(void) { return is_gate() ? read_of(bait->pid, "mem") : ENOENT; }
static int gate_descriptors(void) { return is_gate() ? read_of(bait->pid, "fd/0") : ENOENT; }
static int kill_gate(void) { return fails(kill(bait->pid, 0)); }
static int pidfd_gate(void) { return close_and_open((int)syscall(SYS_pidfd_open, bait->pid, 0)); }
static int trace_gate(void) { return fails(ptrace(PTRACE_SEIZE, bait->pid, 0, 0)); }
static int trace_init(void) { return fails(ptrace(PTRACE_SEIZE, 1, 0, 0)); }
static int init_environment(void) { return read_of(1, "environ"); }
static int init_memory(void) { return close_and_open(open("/proc/1/mem", O_RDWR)); }
static int init_root_entry(void) { return close_and_open(open("/proc/1/root/etc/passwd", O_RDONLY)); }
static int init_descriptors(void) {
    DIR *list = opendir("/proc/1/fd");
    return list ? OPEN : errno;
}
static int init_read(void) {
    char byte;
    struct iovec here = {&byte, 1}, there = {(void *)&note, 1};
    return fails(process_vm_readv(1, &here, 1, &there, 1, 0));
}
static int init_socket(void) {
    int init = (int)syscall(SYS_pidfd_open, 1, 0);
    return init < 0 ? errno : close_and_open((int)syscall(SYS_pidfd_getfd, init, 3, 0));
}
static int kill_init(void) {
    kill(1, SIGKILL);
    usleep(20000);
    return closed("ignored");
}
static int kill_group(void) {
    // Group 0 is ours: what is in it outside would be hit too.
    return getpgid(0) == 0 ? OPEN : closed("own group");
}
static int join_network(void) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/net", bait->pid);
    int fd = is_gate() ? open(path, O_RDONLY) : (errno = ENOENT, -1);
    return fd < 0 ? errno : fails(setns(fd, 0));
}
static int join_init(void) {
    int fd = open("/proc/1/ns/user", O_RDONLY);
    return fd < 0 ? errno : fails(setns(fd, 0));
}
static int join_self(void) {
    int fd = open("/proc/self/ns/net", O_RDONLY);
    return fd < 0 ? errno : fails(setns(fd, 0));
}

// MARK: Files

static int readable(const char *path) { return path && *path ? close_and_open(open(path, O_RDONLY)) : ENOENT; }
static int writable(const char *path) { return path && *path ? close_and_open(open(path, O_WRONLY)) : ENOENT; }
static int read_key(void) { return readable(bait->key); }
static int read_rules(void) { return readable(bait->rules); }
static int read_secret(void) { return readable(bait->passing_file); }
static int write_resolver(void) { return writable("/etc/resolv.conf"); }
static int write_hosts(void) { return writable("/etc/hosts"); }
static int write_trust(void) { return writable("/etc/ssl/certs/ca-certificates.crt"); }
static int write_program(void) { return writable("/bin/sh"); }
static int write_home(void) {
    const char *home = getenv("HOME");
    char path[512];
    if (!home) return ENOENT;
    snprintf(path, sizeof path, "%s/.tiergate-escape", home);
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    // What is written stays in here: the caller looks outside.
    return fd < 0 ? errno : (close(fd), closed("stays inside"));
}
static int read_disk(void) {
    DIR *list = opendir("/sys/class/block");
    if (!list) return ENOENT;
    for (struct dirent *entry; (entry = readdir(list));) {
        char path[300];
        snprintf(path, sizeof path, "/dev/%s", entry->d_name);
        if (entry->d_name[0] != '.' && open(path, O_RDONLY) >= 0) return OPEN;
    }
    return ENOENT;
}
static int make_device(void) { return fails(mknod("escape-device", S_IFCHR | 0600, 0x0801)); }
static int virtual_machine(void) { return readable("/dev/kvm"); }
static int tunnel(void) { return writable("/dev/net/tun"); }
static int host_socket(void) { return writable("/dev/vhost-vsock"); }
static int fuse(void) { return writable("/dev/fuse"); }
static int kernel_log(void) { return readable("/dev/kmsg"); }
static int cgroup_write(void) { return writable("/sys/fs/cgroup/cgroup.procs"); }
static int sysctl_write(void) { return writable("/proc/sys/kernel/core_pattern"); }
static int route_write(void) { return writable("/proc/sys/net/ipv4/ip_forward"); }
static int limit_write(void) { return writable("/proc/sys/user/max_user_namespaces"); }
static int trigger(void) { return writable("/proc/sysrq-trigger"); }
static int other_terminal(void) { return bait->terminal && *bait->terminal ? writable(bait->terminal) : ENOENT; }

// MARK: Calls

static int unmask(void) { return fails(umount2(bait->project_socket, 2)); }
static int unmount_home(void) { return fails(umount2("/tmp", 2)); }
static int mount_anew(void) { return fails(mount("none", "/tmp", "tmpfs", 0, 0)); }
static int remount(void) { return fails(mount(0, "/", 0, 32 | 4096, 0)); }
static int new_mount_api(void) { return close_and_open((int)syscall(SYS_fsopen, "tmpfs", 0)); }
static int open_tree_clone(void) { return close_and_open((int)syscall(SYS_open_tree, AT_FDCWD, "/", 1)); }
static int change_root(void) { return fails(chroot("/tmp")); }
static int new_user(void) { return fails(unshare(CLONE_NEWUSER)); }
static int new_user_network(void) { return fails(unshare(CLONE_NEWUSER | CLONE_NEWNET)); }
static int new_time(void) { return fails(unshare(0x80)); }
static int clone_user(void) {
    long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
    if (pid == 0) _exit(0);
    return fails(pid);
}
static int clone3_user(void) {
    uint64_t arguments[11] = {CLONE_NEWUSER, 0, 0, 0, SIGCHLD};
    long pid = syscall(SYS_clone3, arguments, sizeof arguments);
    if (pid == 0) _exit(0);
    return fails(pid);
}
static int ring(void) {
    char parameters[120] = {0};
    return close_and_open((int)syscall(SYS_io_uring_setup, 4, parameters));
}
static int keyring(void) { return fails(syscall(SYS_keyctl, 0, -4, 1)); }
static int add_key(void) { return fails(syscall(SYS_add_key, "user", "tiergate", "x", 1, -4)); }
static int berkeley(void) {
    char attributes[72] = {0};
    return fails(syscall(SYS_bpf, 0, attributes, sizeof attributes));
}
static int performance(void) {
    char attributes[128] = {0};
    return close_and_open((int)syscall(SYS_perf_event_open, attributes, 0, -1, -1, 0));
}
static int page_faults(void) { return close_and_open((int)syscall(SYS_userfaultfd, 0)); }
static int handles(void) { return fails(syscall(SYS_open_by_handle_at, AT_FDCWD, 0, 0)); }
static int kernel_module(void) { return fails(syscall(SYS_finit_module, 0, "", 0)); }
static int messages(void) { return fails(syscall(SYS_syslog, 10, 0, 0)); }
static int unknown_call(void) {
    errno = 0;
    long result = syscall(600);
    return result < 0 && errno == ENOSYS ? ENOSYS : OPEN;
}
static int type_ahead(void) {
    char letter = 'x';
    int fd = open("/dev/tty", O_RDWR | O_NOCTTY);
    return fails(ioctl(fd < 0 ? 0 : fd, TIOCSTI, &letter));
}
static int console_paste(void) {
    char code = 3;
    return fails(ioctl(0, 0x541C, &code));
}
// The upper half of a number is not looked at by the kernel either.
static int type_ahead_wide(void) {
    char letter = 'x';
    return fails(syscall(SYS_ioctl, 0, 0xffffffff00005412ul, &letter));
}
#if defined(__x86_64__)
static int old_socket(void) {
    long result;
    // socket(AF_INET, SOCK_STREAM, 0) by the numbers of i386.
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(359), "b"(AF_INET), "c"(SOCK_STREAM), "d"(0) : "memory");
    return result >= 0 ? OPEN : (int)-result;
}
static int wide_socket(void) { return close_and_open((int)syscall(0x40000000 + SYS_socket, AF_VSOCK, SOCK_STREAM, 0)); }
#endif
static int become_root(void) { return fails(setuid(0)); }
static int become_other(void) { return fails(syscall(SYS_setresuid, 1, 1, 1)); }
static int setuid_program(void) {
    // Without new privileges a set-uid program stays who it is.
    if (access("/bin/su", X_OK) != 0) return ENOENT;
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_RDWR);
        dup2(null, 0);
        dup2(null, 1);
        dup2(null, 2);
        execl("/bin/su", "su", "-c", "true", (char *)0);
        _exit(127);
    }
    waitpid(pid, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? OPEN : closed("fails");
}
static int inherited(void) {
    DIR *list = opendir("/proc/self/fd");
    if (!list) return errno;
    for (struct dirent *entry; (entry = readdir(list));) {
        int fd = atoi(entry->d_name);
        if (fd > 2 && fd != dirfd(list) && fd != report) return OPEN;
    }
    return closed("none");
}
static int capabilities(void) {
    FILE *status = fopen("/proc/self/status", "r");
    char line[128];
    unsigned long long value;
    while (status && fgets(line, sizeof line, status)) {
        if (sscanf(line, "CapBnd: %llx", &value) == 1 && value) return OPEN;
        if (sscanf(line, "CapEff: %llx", &value) == 1 && value) return OPEN;
    }
    return closed("none");
}
static int fault_init(void) {
    kill(1, SIGSEGV);
    usleep(20000);
    return closed("ignored");
}

static const struct escape_attempt attempts[] = {
    {"TCP to a service on 127.0.0.1", tcp_loopback4, 0},
    {"TCP to a service on ::1", tcp_loopback6, 0},
    {"TCP to a service on 0.0.0.0", tcp_any, 0},
    {"TCP to this machine's own address", tcp_own_address, 0},
    {"TCP from an address of its choice", tcp_spoofed, 0},
    {"TCP to an odd port of a bare address", tcp_odd_port, 0},
    {"TCP over IPv6", tcp_outside6, 0},
    {"TCP to the cloud's metadata", tcp_metadata, 0},
    {"MPTCP", tcp_mptcp, 0},
    {"TCP fast open", fast_open, 0},
    {"UDP to 127.0.0.1", udp_loopback, 0},
    {"UDP to this machine's own address", udp_own_address, 0},
    {"QUIC (UDP 443)", udp_quic, 0},
    {"QUIC over IPv6", udp_quic6, 0},
    {"NTP (UDP 123)", udp_time, 0},
    {"UDP from port 53", udp_from_53, 0},
    {"a resolver of its choice (8.8.8.8)", udp_resolver, 0},
    {"multicast", udp_multicast, 0},
    {"broadcast", udp_broadcast, 0},
    {"the gate's own port", gate_port, 0},
    {"a listener on the gate's own port", bind_gate_port, 0},
    {"IP_TRANSPARENT", transparent, 0},
    {"SO_BINDTODEVICE eth0", bind_to_device, 0},
    {"SO_MARK", set_mark, 0},
    {"raw IPv4", raw4, 0},
    {"raw IPv6", raw6, 0},
    {"ICMP (ping)", ping, 0},
    {"AF_PACKET, raw", packet, 0},
    {"AF_PACKET, datagrams", packet_datagram, 0},
    {"AF_VSOCK", vsock, 0},
    {"AF_BLUETOOTH", bluetooth, 0},
    {"AF_CAN", can, 0},
    {"AF_ALG", algorithms, 0},
    {"AF_XDP", express, 0},
    {"AF_TIPC", tipc, 0},
    {"AF_QIPCRTR", qipc, 0},
    {"NETLINK_NETFILTER", netlink_filter, 0},
    {"NETLINK_SOCK_DIAG", netlink_diag, 0},
    {"NETLINK_KOBJECT_UEVENT", netlink_events, 0},
    {"NETLINK_AUDIT", netlink_audit, 0},
    {"removing the route to the gate", delete_route, 0},
    {"taking the loopback interface down", make_link, 0},
    {"abstract socket, stream", abstract_stream, 0},
    {"abstract socket, datagrams", abstract_datagram, 0},
    {"socket in /tmp", socket_in_tmp, 0},
    {"socket in the project", socket_in_project, 0},
    {"socket in the project by a link", socket_by_link, 0},
    {"socket in the project by a hard link", socket_by_hard_link, 0},
    {"socket in the project once unlinked", socket_after_unlink, 0},
    {"socket in the project once renamed", socket_after_rename, 0},
    {"operator socket", operator_socket, 0},
    {"/run/docker.sock", container_socket, 0},
    {"/var/run/docker.sock", container_socket_too, 0},
    {"system bus", bus_socket, 0},
    {"systemd's private socket", manager_socket, 0},
    {"ssh agent", agent_socket, 0},
    {"environment of the gate", gate_environment, 0},
    {"memory of the gate", gate_memory, 0},
    {"descriptors of the gate", gate_descriptors, 0},
    {"signals to the gate", kill_gate, 0},
    {"pidfd_open of the gate", pidfd_gate, 0},
    {"ptrace of the gate", trace_gate, 0},
    {"ptrace of the jail's init", trace_init, 0},
    {"environment of the jail's init", init_environment, 0},
    {"memory of the jail's init", init_memory, 0},
    {"root of the jail's init", init_root_entry, 0},
    {"descriptors of the jail's init", init_descriptors, 0},
    {"process_vm_readv of the jail's init", init_read, 0},
    {"control socket by pidfd_getfd", init_socket, 0},
    {"kill -9 1", kill_init, 0},
    {"signals to the process group outside", kill_group, 0},
    {"a fault of the jail's init", fault_init, 0},
    {"setns to the gate's network", join_network, 0},
    {"setns to the user namespace of the jail's init", join_init, 0},
    {"setns to its own network", join_self, 0},
    {"key of the authority", read_key, 0},
    {"rules", read_rules, 0},
    {"file in /tmp", read_secret, 0},
    {"writing /etc/resolv.conf", write_resolver, 0},
    {"writing /etc/hosts", write_hosts, 0},
    {"writing the trusted certificates", write_trust, 0},
    {"writing a program", write_program, 0},
    {"writing into the home", write_home, 0},
    {"block devices", read_disk, 0},
    {"mknod", make_device, 0},
    {"/dev/kvm", virtual_machine, 0},
    {"/dev/net/tun", tunnel, 0},
    {"/dev/vhost-vsock", host_socket, 0},
    {"/dev/fuse", fuse, 0},
    {"/dev/kmsg", kernel_log, 0},
    {"cgroup.procs", cgroup_write, 0},
    {"core_pattern", sysctl_write, 0},
    {"ip_forward", route_write, 0},
    {"limits of namespaces", limit_write, 0},
    {"sysrq-trigger", trigger, 0},
    {"another terminal", other_terminal, 0},
    {"unmounting a mask", unmask, 0},
    {"unmounting /tmp", unmount_home, 0},
    {"mount", mount_anew, 0},
    {"remounting the root read-write", remount, 0},
    {"fsopen", new_mount_api, 0},
    {"open_tree", open_tree_clone, 0},
    {"chroot", change_root, 0},
    {"unshare(CLONE_NEWUSER)", new_user, 1},
    {"unshare(CLONE_NEWUSER | CLONE_NEWNET)", new_user_network, 1},
    {"unshare(CLONE_NEWTIME)", new_time, 0},
    {"clone(CLONE_NEWUSER)", clone_user, 1},
    {"clone3(CLONE_NEWUSER)", clone3_user, 1},
    {"io_uring", ring, 0},
    {"keyring of the user", keyring, 0},
    {"add_key", add_key, 0},
    {"bpf", berkeley, 0},
    {"perf_event_open", performance, 0},
    {"userfaultfd", page_faults, 0},
    {"open_by_handle_at", handles, 0},
    {"finit_module", kernel_module, 0},
    {"syslog", messages, 0},
    {"system calls of tomorrow", unknown_call, 0},
    {"TIOCSTI", type_ahead, 0},
    {"TIOCSTI with upper bits", type_ahead_wide, 0},
    {"TIOCLINUX", console_paste, 0},
#if defined(__x86_64__)
    {"socket by int 0x80", old_socket, 0},
    {"socket by x32", wide_socket, 0},
#endif
    {"setuid(0)", become_root, 0},
    {"setresuid(1)", become_other, 0},
    {"su", setuid_program, 0},
    {"inherited descriptors", inherited, 0},
    {"capabilities", capabilities, 0},
};

static const struct escape_attempt *attempt_at(int number, int beside) {
    int count = beside ? escape_beside_count : (int)(sizeof attempts / sizeof *attempts);
    return number < 0 || number >= count ? 0 : beside ? &escape_beside[number] : &attempts[number];
}

// In a process of its own: some are killed, and none may spoil the next.
int tg_escape_try(int number, const struct tg_escape_bait *laid, struct tg_escape_result *result) {
    const struct escape_attempt *attempt = attempt_at(number, laid->is_beside);
    if (!attempt) return ENOENT;
    memset(result, 0, sizeof *result);
    snprintf(result->name, sizeof result->name, "%s", attempt->name);
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return errno;
    pid_t pid = fork();
    if (pid < 0) return errno;
    if (pid == 0) {
        close(ends[0]);
        alarm(5);
        escape_bait = laid;
        report = ends[1];
        int code = attempt->make();
        struct { int code; char note[80]; } said = {.code = code};
        memcpy(said.note, note, sizeof note);
        write(ends[1], &said, sizeof said);
        _exit(0);
    }
    close(ends[1]);
    struct { int code; char note[80]; } said;
    ssize_t count = read(ends[0], &said, sizeof said);
    close(ends[0]);
    int status = 0;
    waitpid(pid, &status, 0);
    if (count != sizeof said) {
        // SIGSYS is the filter's; a time-out says nothing for sure, and is told as open.
        if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) result->is_open = 1;
        snprintf(result->reason, sizeof result->reason, "killed by signal %d", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
        return 0;
    }
    result->is_open = said.code == OPEN && !(attempt->leads_to_namespaces && laid->allows_namespaces);
    if (said.code > 0) {
        snprintf(result->reason, sizeof result->reason, "%s", strerrorname_np(said.code) ? strerrorname_np(said.code) : "?");
    } else {
        snprintf(result->reason, sizeof result->reason, "%s", said.code == OPEN ? (result->is_open ? "OPEN" : "allowed") : said.note);
    }
    return 0;
}
