// Tells the thread sanitizer what Swift's Mutex does where two threads meet in it.
//
// The quick ways of Synchronization.Mutex are atomics inside our own code, which the sanitizer sees. The slow ones are in
// libswiftSynchronization, which is built without it, and end in the kernel (FUTEX_LOCK_PI, FUTEX_UNLOCK_PI): what a
// thread did before it woke the next one then looks unordered, and every contended Mutex is reported as a race.
//
// Preloaded, these two stand before the library's own. Nothing is suppressed: data that no Mutex guards is still found.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

// Weak: programs that are started on the way have no sanitizer.
__attribute__((weak)) void __tsan_acquire(void *address);
__attribute__((weak)) void __tsan_release(void *address);

// `self` is in Swift's context register.
#define SELF __attribute__((swift_context)) void *handle
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

__attribute__((swiftcall)) void lock_slow(uint32_t thread, SELF) __asm__(LOCK);
__attribute__((swiftcall)) void unlock_slow(SELF) __asm__(UNLOCK);

__attribute__((swiftcall)) void lock_slow(uint32_t thread, SELF) {
    __attribute__((swiftcall)) void (*real)(uint32_t, SELF) = dlsym(RTLD_NEXT, LOCK);
    real(thread, handle);
    if (__tsan_acquire) __tsan_acquire(handle);
}

__attribute__((swiftcall)) void unlock_slow(SELF) {
    __attribute__((swiftcall)) void (*real)(SELF) = dlsym(RTLD_NEXT, UNLOCK);
    if (__tsan_release) __tsan_release(handle);
    real(handle);
}
