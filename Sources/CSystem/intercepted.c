#define _GNU_SOURCE
#include "CSystem.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

// The same number in both families; linux/netfilter_ipv4.h and _ipv6.h clash with netinet/in.h.
#define ORIGINAL_DESTINATION 80

int tg_original_destination(int accepted, void *destination) {
    struct sockaddr_storage own;
    socklen_t length = sizeof own;
    if (getsockname(accepted, (struct sockaddr *)&own, &length) != 0) return -errno;
    int level = own.ss_family == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP;
    memset(destination, 0, sizeof own);
    length = sizeof own;
    return getsockopt(accepted, level, ORIGINAL_DESTINATION, destination, &length) == 0 ? 0 : -errno;
}

int tg_datagram_options(int fd, int family) {
    int one = 1;
    int failed = family == AF_INET6 ? setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &one, sizeof one)
                                    : setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &one, sizeof one);
    return failed ? -errno : 0;
}

int tg_transparent(int fd, int family) {
    int one = 1;
    int failed = family == AF_INET6 ? setsockopt(fd, IPPROTO_IPV6, IPV6_TRANSPARENT, &one, sizeof one)
                                    : setsockopt(fd, IPPROTO_IP, IP_TRANSPARENT, &one, sizeof one);
    return failed ? -errno : 0;
}

union control {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(struct in_pktinfo))];
};

intptr_t tg_receive(int fd, void *bytes, uintptr_t count, void *peer, void *local) {
    union control control;
    struct iovec piece = {bytes, count};
    struct msghdr message = {
        .msg_name = peer, .msg_namelen = sizeof(struct sockaddr_storage), .msg_iov = &piece, .msg_iovlen = 1,
        .msg_control = &control, .msg_controllen = sizeof control,
    };
    memset(local, 0, sizeof(struct sockaddr_storage));
    ssize_t got;
    do got = recvmsg(fd, &message, 0); while (got < 0 && errno == EINTR);
    if (got < 0) return -errno;
    // Cut by the kernel: not what was sent.
    if (message.msg_flags & MSG_TRUNC) return -EMSGSIZE;
    for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_PKTINFO) {
            struct sockaddr_in *four = local;
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(part), sizeof info);
            four->sin_family = AF_INET;
            four->sin_addr = info.ipi_addr;
        }
        if (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_PKTINFO) {
            struct sockaddr_in6 *six = local;
            struct in6_pktinfo info;
            memcpy(&info, CMSG_DATA(part), sizeof info);
            six->sin6_family = AF_INET6;
            six->sin6_addr = info.ipi6_addr;
        }
    }
    return got;
}

// From the address that was asked: a resolver takes an answer from no other.
intptr_t tg_reply(int fd, const void *bytes, uintptr_t count, const void *peer, const void *local) {
    union control control;
    memset(&control, 0, sizeof control);
    struct iovec piece = {(void *)bytes, count};
    const struct sockaddr_storage *from = local;
    struct msghdr message = {
        .msg_name = (void *)peer,
        .msg_namelen = ((const struct sockaddr_storage *)peer)->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                                                                       : sizeof(struct sockaddr_in),
        .msg_iov = &piece, .msg_iovlen = 1,
    };
    if (from->ss_family == AF_INET) {
        struct in_pktinfo info = {.ipi_spec_dst = ((const struct sockaddr_in *)local)->sin_addr};
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(sizeof info);
        control.header.cmsg_level = IPPROTO_IP;
        control.header.cmsg_type = IP_PKTINFO;
        control.header.cmsg_len = CMSG_LEN(sizeof info);
        memcpy(CMSG_DATA(&control.header), &info, sizeof info);
    } else if (from->ss_family == AF_INET6) {
        struct in6_pktinfo info = {.ipi6_addr = ((const struct sockaddr_in6 *)local)->sin6_addr};
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(sizeof info);
        control.header.cmsg_level = IPPROTO_IPV6;
        control.header.cmsg_type = IPV6_PKTINFO;
        control.header.cmsg_len = CMSG_LEN(sizeof info);
        memcpy(CMSG_DATA(&control.header), &info, sizeof info);
    }
    ssize_t sent;
    do sent = sendmsg(fd, &message, MSG_NOSIGNAL); while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : sent;
}
