#define _GNU_SOURCE
#include "jail_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// sys/mount.h and linux/mount.h do not go together before glibc 2.37.
int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data);
int umount2(const char *target, int flags);
#define DETACH 2  // MNT_DETACH

int jail_write(const char *path, const void *bytes, size_t size) {
    int file = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (file < 0) return errno;
    ssize_t count = write(file, bytes, size);
    int code = count < 0 ? errno : count == (ssize_t)size ? 0 : EIO;
    close(file);
    return code;
}

static int make_file(const struct tg_jail_step *step) {
    int file = open(step->target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, (mode_t)step->flags);
    if (file < 0) return errno == EEXIST ? 0 : errno;
    const char *bytes = step->data;
    size_t rest = step->size;
    int code = 0;
    while (rest > 0 && code == 0) {
        ssize_t count = write(file, bytes, rest);
        if (count < 0) {
            code = errno;
        } else {
            bytes += count;
            rest -= (size_t)count;
        }
    }
    close(file);
    return code;
}

static int set_attributes(const struct tg_jail_step *step) {
    struct mount_attr attributes = {.attr_set = step->flags};
    return syscall(SYS_mount_setattr, AT_FDCWD, step->target, AT_RECURSIVE, &attributes, sizeof attributes) == 0
        ? 0 : errno;
}

int jail_step(const struct tg_jail_step *step) {
    switch (step->kind) {
    case tg_jail_netlink: return jail_netlink((int)step->flags, step->data, step->size);
    case tg_jail_listen: return jail_listen((int)step->flags, step->data, step->size);
    case tg_jail_hand_over: return jail_hand_over();
    case tg_jail_mount:
        return mount(step->source, step->target, step->type, step->flags, step->data) == 0 ? 0 : errno;
    case tg_jail_attributes: return set_attributes(step);
    case tg_jail_directory: return mkdir(step->target, (mode_t)step->flags) == 0 || errno == EEXIST ? 0 : errno;
    case tg_jail_file: return make_file(step);
    case tg_jail_link: return symlink(step->source, step->target) == 0 || errno == EEXIST ? 0 : errno;
    case tg_jail_pivot:
        if (syscall(SYS_pivot_root, step->source, step->target) != 0) return errno;
        return chdir("/") == 0 ? 0 : errno;
    case tg_jail_detach: return umount2(step->target, DETACH) == 0 ? 0 : errno;
    case tg_jail_write: return jail_write(step->target, step->data, step->size);
    default: return EINVAL;
    }
}
