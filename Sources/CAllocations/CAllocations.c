#include "CAllocations.h"

#include <stddef.h>

// glibc's own names under its public ones: what is defined in the program comes before the library.
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);

// Initial-exec: a thread's first access must not allocate.
static __thread unsigned long count __attribute__((tls_model("initial-exec")));

void *malloc(size_t size) {
    count++;
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    count++;
    return __libc_calloc(number, size);
}

void *realloc(void *memory, size_t size) {
    count++;
    return __libc_realloc(memory, size);
}

unsigned long tg_allocations(void) { return count; }
