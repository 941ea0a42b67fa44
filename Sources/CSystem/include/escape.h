// Attempts to get out of a jail, each made in a process of its own: Swift can neither fork nor make most of these calls.
#pragma once
#include <stdint.h>

// What whoever was to be reached answers.
#define TG_ESCAPE_WORD "tiergate-bait"

// What was laid out outside; empty where there is none of it.
struct tg_escape_bait {
    // Listening on 127.0.0.1 and on every address of the machine, TCP and UDP; and on ::1.
    uint16_t port4, port6;
    // One of the machine's own addresses, in its byte order; 0 where it has none.
    uint32_t address4;
    uint16_t gate_port;
    int32_t pid;
    int32_t allows_namespaces;
    const char *abstract_name, *passing_socket, *passing_file, *project_socket, *operator_socket;
    const char *key, *rules, *terminal;
    // Beside a gate in its network namespace, in no jail: the attempts are others, and the gate has this account.
    int32_t is_beside;
    uint16_t names_port;
    uint32_t gate_uid;
};

struct tg_escape_result {
    char name[80];
    char reason[80];
    int32_t is_open;
};

// 0, ENOENT where there is no attempt of this number, or another errno.
int tg_escape_try(int number, const struct tg_escape_bait *bait, struct tg_escape_result *result);
