#include "CSystem.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int tg_diag_socket(void) {
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (fd < 0) return -errno;
    // Connected to the kernel: nobody else's messages are taken for its answers.
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    if (connect(fd, (struct sockaddr *)&kernel, sizeof kernel) == 0) return fd;
    int code = errno;
    close(fd);
    return -code;
}

// An address as IPv6 spells it (IPv4 mapped), so that a client's IPv6 socket and our IPv4 one compare equal.
static void spell(int family, const void *bytes, uint8_t address[16]) {
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (family == AF_INET6) {
        memcpy(address, bytes, 16);
    } else {
        memcpy(address, mapped, 12);
        memcpy(address + 12, bytes, 4);
    }
}

// One end of a connection in the diagnosing interface's form; false for what is not TCP over IP.
static int end_of(const struct sockaddr_storage *end, uint32_t address[4], uint16_t *port, uint32_t *interface) {
    memset(address, 0, 16);
    if (end->ss_family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)end;
        memcpy(address, &four->sin_addr, 4);
        *port = four->sin_port;
        return 1;
    }
    if (end->ss_family != AF_INET6) return 0;
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)end;
    memcpy(address, &six->sin6_addr, 16);
    *port = six->sin6_port;
    *interface = six->sin6_scope_id;
    return 1;
}

static int is_the_other_end(const struct inet_diag_msg *found, const struct inet_diag_req_v2 *asked) {
    uint8_t one[16], other[16];
    if (found->id.idiag_sport != asked->id.idiag_sport || found->id.idiag_dport != asked->id.idiag_dport) return 0;
    spell(found->idiag_family, found->id.idiag_src, one);
    spell(asked->sdiag_family, asked->id.idiag_src, other);
    if (memcmp(one, other, 16) != 0) return 0;
    spell(found->idiag_family, found->id.idiag_dst, one);
    spell(asked->sdiag_family, asked->id.idiag_dst, other);
    return memcmp(one, other, 16) == 0;
}

// Whether this connection stands: while it does, nobody else can have its addresses and ports.
static int stands(int socket) {
    uint8_t state = 0;
    socklen_t length = sizeof state;
    if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &state, &length) != 0) return 0;
    return state == TCP_ESTABLISHED || state == TCP_CLOSE_WAIT;
}

static _Thread_local uint32_t sequence;

// The control group of a socket, which comes behind what is said of every socket.
static uint64_t cgroup_of(const struct nlmsghdr *message) {
    int rest = (int)(message->nlmsg_len - NLMSG_LENGTH(sizeof(struct inet_diag_msg)));
    const struct rtattr *part = (const struct rtattr *)((const char *)NLMSG_DATA(message)
                                                        + NLMSG_ALIGN(sizeof(struct inet_diag_msg)));
    for (; RTA_OK(part, rest); part = RTA_NEXT(part, rest)) {
        uint64_t group;
        if (part->rta_type != INET_DIAG_CGROUP_ID || RTA_PAYLOAD(part) != sizeof group) continue;
        memcpy(&group, RTA_DATA(part), sizeof group);
        return group;
    }
    return 0;
}

int tg_socket_owner(int diag, int accepted, const void *destination, struct tg_owner *owner) {
    struct sockaddr_storage local, peer;
    socklen_t local_length = sizeof local, peer_length = sizeof peer;
    if (destination) memcpy(&local, destination, sizeof local);
    else if (getsockname(accepted, (struct sockaddr *)&local, &local_length) != 0) return -errno;
    if (getpeername(accepted, (struct sockaddr *)&peer, &peer_length) != 0) return -errno;

    struct {
        struct nlmsghdr header;
        struct inet_diag_req_v2 body;
    } question = {
        .header = {.nlmsg_len = sizeof question, .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST,
                   .nlmsg_seq = ++sequence},
        .body = {.sdiag_family = (uint8_t)peer.ss_family, .sdiag_protocol = IPPROTO_TCP, .idiag_states = ~0u},
    };
    // Our peer's end is the one whose source is our peer.
    struct inet_diag_sockid *id = &question.body.id;
    if (!end_of(&local, id->idiag_dst, &id->idiag_dport, &id->idiag_if)) return -EAFNOSUPPORT;
    if (!end_of(&peer, id->idiag_src, &id->idiag_sport, &id->idiag_if)) return -EAFNOSUPPORT;
    id->idiag_cookie[0] = id->idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    if (send(diag, &question, sizeof question, 0) < 0) return -errno;

    // The kernel answers within send; an answer to an earlier question is one that nobody fetched.
    union {
        struct nlmsghdr header;
        uint8_t bytes[1024];
    } answer;
    ssize_t size;
    do {
        do size = recv(diag, &answer, sizeof answer, 0); while (size < 0 && errno == EINTR);
        if (size < 0) return -errno;
    } while (size >= (ssize_t)sizeof answer.header && answer.header.nlmsg_seq != sequence);
    if (answer.header.nlmsg_type == NLMSG_ERROR && size >= (ssize_t)NLMSG_LENGTH(sizeof(struct nlmsgerr))) {
        return ((struct nlmsgerr *)NLMSG_DATA(&answer.header))->error;
    }
    if (answer.header.nlmsg_type != SOCK_DIAG_BY_FAMILY || size < (ssize_t)NLMSG_LENGTH(sizeof(struct inet_diag_msg))) {
        return -EBADMSG;
    }
    const struct inet_diag_msg *found = NLMSG_DATA(&answer.header);
    // The kernel falls back to listening sockets.
    if (!is_the_other_end(found, &question.body)) return -ENOENT;
    // A socket that its process has closed, and one in TIME_WAIT, have no inode any more and are said to be root's.
    if (found->idiag_inode == 0) return -ENOENT;
    if (found->idiag_state != TCP_ESTABLISHED && found->idiag_state != TCP_FIN_WAIT1
        && found->idiag_state != TCP_FIN_WAIT2) return -ENOENT;
    // Had the peer reset the connection, another account's new one could have been found under the same ports.
    if (!stands(accepted)) return -ENOTCONN;
    owner->uid = found->idiag_uid;
    // A message that claims more than came is cut.
    owner->cgroup = answer.header.nlmsg_len <= size ? cgroup_of(&answer.header) : 0;
    return 0;
}

// Of a datagram the kernel says neither who sent it nor, after a redirection, where to: the port it came from is all.
int tg_datagram_owner(int diag, const void *peer, struct tg_owner *owner) {
    struct {
        struct nlmsghdr header;
        struct inet_diag_req_v2 body;
    } question = {
        .header = {.nlmsg_len = sizeof question, .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                   .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
        .body = {.sdiag_protocol = IPPROTO_UDP, .idiag_states = ~0u},
    };
    uint32_t address[4], interface = 0;
    uint8_t asked[16], found[16];
    if (!end_of(peer, address, &question.body.id.idiag_sport, &interface)) return -EAFNOSUPPORT;
    spell(((const struct sockaddr_storage *)peer)->ss_family, address, asked);
    question.body.id.idiag_cookie[0] = question.body.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    static const uint8_t families[2] = {AF_INET6, AF_INET};
    static const uint8_t anywhere[2][16] = {{0}, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}};
    int owners = 0;
    for (int index = 0; index < 2; index++) {
        question.body.sdiag_family = families[index];
        question.header.nlmsg_seq = ++sequence;
        if (send(diag, &question, sizeof question, 0) < 0) return -errno;
        for (int more = 1; more;) {
            union {
                struct nlmsghdr header;
                uint8_t bytes[8192];
            } answer;
            ssize_t size;
            do size = recv(diag, &answer, sizeof answer, 0); while (size < 0 && errno == EINTR);
            if (size < 0) return -errno;
            int rest = (int)size;
            for (struct nlmsghdr *message = &answer.header; NLMSG_OK(message, rest);
                 message = NLMSG_NEXT(message, rest)) {
                if (message->nlmsg_seq != sequence) continue;
                if (message->nlmsg_type == NLMSG_DONE) more = 0;
                if (message->nlmsg_type == NLMSG_ERROR) return -ENOENT;
                if (message->nlmsg_type != SOCK_DIAG_BY_FAMILY
                    || message->nlmsg_len < NLMSG_LENGTH(sizeof(struct inet_diag_msg))) continue;
                const struct inet_diag_msg *socket = NLMSG_DATA(message);
                if (socket->id.idiag_sport != question.body.id.idiag_sport || socket->idiag_inode == 0) continue;
                spell(socket->idiag_family, socket->id.idiag_src, found);
                // A socket that is not connected has no address of its own.
                if (memcmp(found, asked, 16) != 0 && memcmp(found, anywhere[0], 16) != 0
                    && memcmp(found, anywhere[1], 16) != 0) continue;
                uint64_t group = cgroup_of(message);
                if (owners && owner->uid != socket->idiag_uid) owners = 2;
                owner->cgroup = !owners || owner->cgroup == group ? group : 0;
                owner->uid = socket->idiag_uid;
                if (!owners) owners = 1;
            }
        }
    }
    return owners == 1 ? 0 : -ENOENT;
}
