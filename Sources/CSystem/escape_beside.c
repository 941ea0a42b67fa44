#define _GNU_SOURCE
#include "escape_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

// Attempts to get past a gate beside which this runs (`tiergate sidecar init`). Nobody laid out anything outside: whether a
// connection came to the gate is seen by its other end, which is in this network namespace too.

enum { OUTSIDE = 0xc0000207, RESOLVER = 0x08080808 };
static const uint8_t outside6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 7};

static uint16_t own_port(int fd) {
    struct sockaddr_storage own;
    socklen_t length = sizeof own;
    if (getsockname(fd, (struct sockaddr *)&own, &length) != 0) return 0;
    return ntohs(((struct sockaddr_in *)&own)->sin_port);
}

// Whether a socket of the gate's has this one as its other end (proc_net_tcp, in the kernel's documentation).
static int is_with_gate(uint16_t port) {
    // Its side of a connection that is being made may show a moment later.
    for (int turn = 0; turn < 10; turn++, usleep(20000)) {
        for (int six = 0; six < 2; six++) {
            FILE *table = fopen(six ? "/proc/net/tcp6" : "/proc/net/tcp", "re");
            char line[512];
            unsigned here, there;
            while (table && fgets(line, sizeof line, table)) {
                if (sscanf(line, " %*[^:]: %*[^:]:%x %*[^:]:%x", &here, &there) != 2) continue;
                if (there != port || (here != escape_bait->gate_port && here != escape_bait->names_port)) continue;
                fclose(table);
                return 1;
            }
            if (table) fclose(table);
        }
    }
    return 0;
}

static int reach(int family, int protocol, const void *address, socklen_t length) {
    int fd = socket(family, SOCK_STREAM, protocol);
    if (fd < 0) return errno;
    struct timeval time = {.tv_sec = 2};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
    if (connect(fd, address, length) != 0) return errno == EINPROGRESS ? escape_closed("not answered") : errno;
    return is_with_gate(own_port(fd)) ? escape_closed("intercepted") : OPEN;
}

static struct sockaddr_in four(uint32_t address, uint16_t port) {
    return (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(address)};
}

static struct sockaddr_in6 six(uint16_t port) {
    struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    memcpy(&to.sin6_addr, outside6, sizeof outside6);
    return to;
}

static int tcp4(int protocol, uint32_t address, uint16_t port) {
    struct sockaddr_in to = four(address, port);
    return reach(AF_INET, protocol, &to, sizeof to);
}

static int tcp6(uint16_t port) {
    struct sockaddr_in6 to = six(port);
    return reach(AF_INET6, 0, &to, sizeof to);
}

// What leaves without a word is open: a packet that the rules reject fails where it is sent, or by the answer to it.
static int send_away(int fd, const void *to, socklen_t length, const void *bytes, size_t count) {
    if (fd < 0) return errno;
    escape_patient(fd);
    if (to && connect(fd, to, length) != 0) return errno;
    for (int turn = 0; turn < 2; turn++) {
        if (send(fd, bytes, count, MSG_NOSIGNAL) < 0) return errno;
        char answer[512];
        if (recv(fd, answer, sizeof answer, 0) < 0 && errno != EAGAIN) return errno;
    }
    return OPEN;
}

static int datagram4(int protocol, uint32_t address, uint16_t port, int broadcasts) {
    struct sockaddr_in to = four(address, port);
    int fd = socket(AF_INET, SOCK_DGRAM, protocol);
    if (fd >= 0 && broadcasts) setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &broadcasts, sizeof broadcasts);
    return send_away(fd, &to, sizeof to, "?", 1);
}

static int datagram6(uint16_t port) {
    struct sockaddr_in6 to = six(port);
    return send_away(socket(AF_INET6, SOCK_DGRAM, 0), &to, sizeof to, "?", 1);
}

static int tcp_web(void) { return tcp4(0, OUTSIDE, 80); }
static int tcp_odd(void) { return tcp4(0, OUTSIDE, 61234); }
static int tcp_metadata(void) { return tcp4(0, 0xa9fea9fe, 80); }
static int tcp_names(void) { return tcp4(0, RESOLVER, 53); }
static int tcp_gate(void) { return tcp4(0, INADDR_LOOPBACK, escape_bait->gate_port); }
static int tcp_multipath(void) { return tcp4(262, OUTSIDE, 443); }
static int tcp_web6(void) { return tcp6(443); }
static int tcp_odd6(void) { return tcp6(61234); }
static int tcp_from_53(void) {
    struct sockaddr_in own = four(0, 53), to = four(OUTSIDE, 443);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(fd, (struct sockaddr *)&own, sizeof own) != 0) return errno;
    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0) return errno;
    return is_with_gate(own_port(fd)) ? escape_closed("intercepted") : OPEN;
}
static int fast_open(void) {
    struct sockaddr_in to = four(OUTSIDE, 443);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    // The beginning of a request, for whose rest the gate waits; at anything else it would be gone before it is looked for.
    if (sendto(fd, "G", 1, MSG_FASTOPEN | MSG_NOSIGNAL, (struct sockaddr *)&to, sizeof to) < 0) return errno;
    return is_with_gate(own_port(fd)) ? escape_closed("intercepted") : OPEN;
}
static int stream_control(void) { return tcp4(132, OUTSIDE, 443); }
static int udp_quic(void) { return datagram4(0, OUTSIDE, 443, 0); }
static int udp_quic6(void) { return datagram6(443); }
static int udp_time(void) { return datagram4(0, OUTSIDE, 123, 0); }
static int udp_odd(void) { return datagram4(0, OUTSIDE, 40001, 0); }
static int udp_lite(void) { return datagram4(136, OUTSIDE, 443, 0); }
static int udp_multicast(void) { return datagram4(0, 0xe00000fb, 5353, 0); }
static int udp_broadcast(void) { return datagram4(0, ~0u, 40001, 1); }
static int udp_from_53(void) {
    struct sockaddr_in own = four(0, 53), to = four(OUTSIDE, 40001);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (bind(fd, (struct sockaddr *)&own, sizeof own) != 0) return errno;
    return send_away(fd, &to, sizeof to, "?", 1);
}

// A resolver of the world has never heard of localhost (RFC 6761 section 6.3); the gate has.
static int udp_resolver(void) {
    static const uint8_t question[] = {0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 9, 'l', 'o', 'c', 'a', 'l', 'h', 'o', 's', 't', 0, 0, 1, 0, 1};
    struct sockaddr_in to = four(RESOLVER, 53);
    int fd = escape_patient(socket(AF_INET, SOCK_DGRAM, 0));
    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0 || send(fd, question, sizeof question, 0) < 0) return errno;
    uint8_t answer[512];
    ssize_t count = recv(fd, answer, sizeof answer, 0);
    if (count < 0) return errno == EAGAIN ? OPEN : errno;
    const uint8_t here[] = {127, 0, 0, 1};
    return count > 4 && memcmp(answer + count - 4, here, 4) == 0 ? escape_closed("answered by the gate") : OPEN;
}

static int ping4(void) {
    static const uint8_t echo[8] = {8};
    struct sockaddr_in to = four(OUTSIDE, 0);
    return send_away(socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP), &to, sizeof to, echo, sizeof echo);
}
static int ping6(void) {
    static const uint8_t echo[8] = {128};
    struct sockaddr_in6 to = six(0);
    return send_away(socket(AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6), &to, sizeof to, echo, sizeof echo);
}
static int raw(uint8_t protocol) {
    struct sockaddr_in to = four(OUTSIDE, 0);
    return send_away(socket(AF_INET, SOCK_RAW, protocol), &to, sizeof to, "????????", 8);
}
static int raw_any(void) { return raw(253); }
static int raw_tunnel(void) { return raw(IPPROTO_GRE); }
static int raw_echo(void) { return raw(IPPROTO_ICMP); }
static int raw6(void) {
    struct sockaddr_in6 to = six(0);
    return send_away(socket(AF_INET6, SOCK_RAW, 253), &to, sizeof to, "????????", 8);
}

// A frame of a kind that nobody understands (IEEE 802, for experiments), to everybody on the first link.
static int frame(void) {
    int fd = socket(AF_PACKET, SOCK_RAW, 0);
    if (fd < 0) return errno;
    struct if_nameindex *links = if_nameindex();
    for (struct if_nameindex *link = links; link && link->if_index; link++) {
        if (strcmp(link->if_name, "lo") == 0) continue;
        uint8_t bytes[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x88, 0xb5};
        struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = (int)link->if_index, .sll_halen = 6};
        memset(to.sll_addr, 0xff, 6);
        if (sendto(fd, bytes, sizeof bytes, 0, (struct sockaddr *)&to, sizeof to) >= 0) return OPEN;
    }
    return links && links->if_index ? errno : ENODEV;
}

// The rules can be changed by whoever may ask the kernel for a change: an empty batch is one.
static int change_rules(void) {
    struct {
        struct nlmsghdr begin;
        struct { uint8_t family, version; uint16_t subsystem; } first;
        struct nlmsghdr end;
        struct { uint8_t family, version; uint16_t subsystem; } last;
    } batch = {{sizeof batch / 2, 0x10, NLM_F_REQUEST | NLM_F_ACK, 1, 0}, {0, 0, htons(10)},
               {sizeof batch / 2, 0x11, NLM_F_REQUEST | NLM_F_ACK, 2, 0}, {0, 0, htons(10)}};
    int fd = escape_patient(socket(AF_NETLINK, SOCK_RAW, 12));
    if (fd < 0 || send(fd, &batch, sizeof batch, 0) < 0) return errno;
    char answer[1024];
    if (recv(fd, answer, sizeof answer, 0) < (ssize_t)NLMSG_LENGTH(sizeof(struct nlmsgerr))) return OPEN;
    int code = -((struct nlmsgerr *)NLMSG_DATA(answer))->error;
    return code ? code : OPEN;
}

// Whoever is the gate sends as the gate.
static int become_gate(void) {
    if (geteuid() == escape_bait->gate_uid) return OPEN;
    uid_t uid = escape_bait->gate_uid;
    return syscall(SYS_setresuid, uid, uid, uid) != 0 ? errno : OPEN;
}
static int operator_socket(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(escape_bait->operator_socket) >= sizeof address.sun_path) return ENAMETOOLONG;
    strcpy(address.sun_path, escape_bait->operator_socket);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    return connect(fd, (struct sockaddr *)&address, sizeof address) != 0 ? errno : OPEN;
}

const struct escape_attempt escape_beside[] = {
    {"TCP to a bare address", tcp_web, 0},
    {"TCP to an odd port of a bare address", tcp_odd, 0},
    {"TCP over IPv6", tcp_web6, 0},
    {"TCP over IPv6 to an odd port", tcp_odd6, 0},
    {"TCP to the cloud's metadata", tcp_metadata, 0},
    {"TCP from port 53", tcp_from_53, 0},
    {"MPTCP", tcp_multipath, 0},
    {"SCTP", stream_control, 0},
    {"TCP fast open", fast_open, 0},
    {"the gate's own port", tcp_gate, 0},
    {"a resolver of its choice (8.8.8.8)", udp_resolver, 0},
    {"a resolver of its choice over TCP", tcp_names, 0},
    {"QUIC (UDP 443)", udp_quic, 0},
    {"QUIC over IPv6", udp_quic6, 0},
    {"NTP (UDP 123)", udp_time, 0},
    {"UDP to an odd port", udp_odd, 0},
    {"UDP from port 53", udp_from_53, 0},
    {"UDP-Lite", udp_lite, 0},
    {"multicast", udp_multicast, 0},
    {"broadcast", udp_broadcast, 0},
    {"ICMP (ping)", ping4, 0},
    {"ICMPv6 (ping)", ping6, 0},
    {"raw IPv4", raw_any, 0},
    {"raw IPv4, GRE", raw_tunnel, 0},
    {"raw IPv4, ICMP", raw_echo, 0},
    {"raw IPv6", raw6, 0},
    {"AF_PACKET, raw", frame, 0},
    {"changing the packet rules", change_rules, 0},
    {"becoming the gate's account", become_gate, 0},
    {"operator socket", operator_socket, 0},
};
const int escape_beside_count = sizeof escape_beside / sizeof *escape_beside;
