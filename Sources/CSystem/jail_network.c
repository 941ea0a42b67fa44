#define _GNU_SOURCE
#include "CSystem.h"
#include "jail_internal.h"

#include <errno.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = tg_jail_most_listeners };
static int made[MOST];
static int made_count;

// One acknowledgement for each message that asks for one: the errno of the first that was refused.
static int acknowledged(int socket, int expected) {
    union {
        struct nlmsghdr header;
        char bytes[8192];
    } answer;
    while (expected > 0) {
        ssize_t count = recv(socket, &answer, sizeof answer, 0);
        if (count < 0) {
            if (errno == EINTR) continue;
            return errno;
        }
        size_t rest = (size_t)count;
        for (struct nlmsghdr *m = &answer.header; NLMSG_OK(m, rest); m = NLMSG_NEXT(m, rest)) {
            if (m->nlmsg_type != NLMSG_ERROR) continue;
            int code = -((struct nlmsgerr *)NLMSG_DATA(m))->error;
            if (code) return code;
            expected--;
        }
    }
    return 0;
}

int jail_netlink(int family, const void *messages, size_t size) {
    int expected = 0;
    for (size_t at = 0; at + sizeof(struct nlmsghdr) <= size;) {
        struct nlmsghdr header;
        memcpy(&header, (const char *)messages + at, sizeof header);
        if (header.nlmsg_len < sizeof header) return EINVAL;
        if (header.nlmsg_flags & NLM_F_ACK) expected++;
        at += NLMSG_ALIGN(header.nlmsg_len);
    }
    int link = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, family);
    if (link < 0) return errno;
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    // A kernel that answers nothing must not keep us for ever.
    struct timeval patience = {.tv_sec = 5};
    setsockopt(link, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    int code = sendto(link, messages, size, 0, (struct sockaddr *)&kernel, sizeof kernel) < 0
        ? errno : acknowledged(link, expected);
    close(link);
    return code;
}

static int prepare(int fd, int family, int type) {
    int one = 1;
    if (family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one) != 0) return errno;
    // A stream's listener accepts what was meant for other addresses; a datagram's answers come from the one asked.
    return -(type == SOCK_STREAM ? tg_transparent(fd, family) : tg_datagram_options(fd, family));
}

int jail_listen(int type, const void *address, size_t size) {
    if (made_count == MOST) return EMFILE;
    int family = ((const struct sockaddr *)address)->sa_family;
    int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return errno;
    int code = prepare(fd, family, type);
    if (!code && bind(fd, address, (socklen_t)size) != 0) code = errno;
    if (!code && type == SOCK_STREAM && listen(fd, 4096) != 0) code = errno;
    if (code) {
        close(fd);
        return code;
    }
    made[made_count++] = fd;
    return 0;
}

int jail_give(int descriptor) {
    made[0] = descriptor;
    made_count = 1;
    return jail_hand_over();
}

int jail_hand_over(void) {
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(MOST * sizeof(int))];
    } extra;
    memset(&extra, 0, sizeof extra);
    struct tg_jail_message message = {.word = tg_jail_listeners, .value = made_count};
    struct iovec part = {&message, sizeof message};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
    if (made_count > 0) {
        header.msg_control = &extra;
        header.msg_controllen = CMSG_SPACE(made_count * sizeof(int));
        extra.header.cmsg_level = SOL_SOCKET;
        extra.header.cmsg_type = SCM_RIGHTS;
        extra.header.cmsg_len = CMSG_LEN(made_count * sizeof(int));
        memcpy(CMSG_DATA(&extra.header), made, made_count * sizeof(int));
    }
    if (sendmsg(CONTROL, &header, MSG_NOSIGNAL) < 0) return errno;
    for (int i = 0; i < made_count; i++) close(made[i]);
    made_count = 0;
    return 0;
}
