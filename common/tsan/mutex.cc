// Tells ThreadSanitizer what Debian's absl::Mutex does. The library is not instrumented, so every
// state that such a mutex guards looks like a race. These definitions take the place of the
// library's, for our code and for the library's own (absl::Notification), call it, and announce
// what was acquired and released. Linked in the tsan preset alone.
#include <absl/synchronization/mutex.h>
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>

extern "C" {
// Of the sanitizer's run-time library.
void __tsan_acquire(void* address);
void __tsan_release(void* address);
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
}

namespace {

// The mangled names hold Debian's inline namespace.
#define CLINICD_MUTEX(member) "_ZN4absl7debian35Mutex" member

void* InLibrary(const char* symbol) {
  void* found = dlsym(RTLD_NEXT, symbol);
  if (found == nullptr) {
    std::fprintf(stderr, "ThreadSanitizer support: libabsl_synchronization has no %s\n", symbol);
    std::abort();
  }
  return found;
}

template <typename Result, typename... Arguments>
using Member = Result (*)(absl::Mutex*, Arguments...);

// Releasing and waiting evaluate the conditions of other waiters, with the mutex held but after
// its release was announced: their reads are no race.
class IgnoredReads final {
 public:
  IgnoredReads() { AnnotateIgnoreReadsBegin(__FILE__, __LINE__); }
  ~IgnoredReads() { AnnotateIgnoreReadsEnd(__FILE__, __LINE__); }
  IgnoredReads(const IgnoredReads&) = delete;
  IgnoredReads& operator=(const IgnoredReads&) = delete;
  IgnoredReads(IgnoredReads&&) = delete;
  IgnoredReads& operator=(IgnoredReads&&) = delete;
};

void Acquire(absl::Mutex* mutex, Member<void> lock) {
  {
    const IgnoredReads ignored;
    lock(mutex);
  }
  __tsan_acquire(mutex);
}

void Release(absl::Mutex* mutex, Member<void> unlock) {
  __tsan_release(mutex);
  const IgnoredReads ignored;
  unlock(mutex);
}

}  // namespace

namespace absl {
ABSL_NAMESPACE_BEGIN

void Mutex::Lock() {
  static const auto library = reinterpret_cast<Member<void>>(InLibrary(CLINICD_MUTEX("4LockEv")));
  Acquire(this, library);
}

void Mutex::ReaderLock() {
  static const auto library =
      reinterpret_cast<Member<void>>(InLibrary(CLINICD_MUTEX("10ReaderLockEv")));
  Acquire(this, library);
}

void Mutex::Unlock() {
  static const auto library = reinterpret_cast<Member<void>>(InLibrary(CLINICD_MUTEX("6UnlockEv")));
  Release(this, library);
}

void Mutex::ReaderUnlock() {
  static const auto library =
      reinterpret_cast<Member<void>>(InLibrary(CLINICD_MUTEX("12ReaderUnlockEv")));
  Release(this, library);
}

bool Mutex::TryLock() {
  static const auto library =
      reinterpret_cast<Member<bool>>(InLibrary(CLINICD_MUTEX("7TryLockEv")));
  if (!library(this)) return false;
  __tsan_acquire(this);
  return true;
}

void Mutex::LockWhen(const Condition& condition) {
  static const auto library = reinterpret_cast<Member<void, const Condition&>>(
      InLibrary(CLINICD_MUTEX("8LockWhenERKNS0_9ConditionE")));
  {
    const IgnoredReads ignored;
    library(this, condition);
  }
  __tsan_acquire(this);
}

void Mutex::Await(const Condition& condition) {
  static const auto library = reinterpret_cast<Member<void, const Condition&>>(
      InLibrary(CLINICD_MUTEX("5AwaitERKNS0_9ConditionE")));
  __tsan_release(this);
  {
    const IgnoredReads ignored;
    library(this, condition);
  }
  __tsan_acquire(this);
}

bool Mutex::AwaitWithDeadline(const Condition& condition, Time deadline) {
  static const auto library = reinterpret_cast<Member<bool, const Condition&, Time>>(
      InLibrary(CLINICD_MUTEX("17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE")));
  __tsan_release(this);
  bool met = false;
  {
    const IgnoredReads ignored;
    met = library(this, condition, deadline);
  }
  __tsan_acquire(this);
  return met;
}

bool Mutex::AwaitWithTimeout(const Condition& condition, Duration timeout) {
  static const auto library = reinterpret_cast<Member<bool, const Condition&, Duration>>(
      InLibrary(CLINICD_MUTEX("16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE")));
  __tsan_release(this);
  bool met = false;
  {
    const IgnoredReads ignored;
    met = library(this, condition, timeout);
  }
  __tsan_acquire(this);
  return met;
}

ABSL_NAMESPACE_END
}  // namespace absl
