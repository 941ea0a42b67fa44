#ifndef CALLOCATIONS_H
#define CALLOCATIONS_H

/// How often this thread has asked for memory. Linking the module counts every malloc, calloc and realloc.
unsigned long tg_allocations(void);

#endif
