#pragma once

/// A mutex that clang's -Wthread-safety understands: say which lock guards which field and the
/// compiler proves it. gcc ignores the annotations.

#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define ASHLAR_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define ASHLAR_THREAD_ATTRIBUTE(x)
#endif

#define ASHLAR_GUARDED_BY(mutex) ASHLAR_THREAD_ATTRIBUTE(guarded_by(mutex))
#define ASHLAR_REQUIRES(...) ASHLAR_THREAD_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define ASHLAR_EXCLUDES(...) ASHLAR_THREAD_ATTRIBUTE(locks_excluded(__VA_ARGS__))

namespace ashlar
{

class ASHLAR_THREAD_ATTRIBUTE(capability("mutex")) Mutex
{
public:
    void lock() ASHLAR_THREAD_ATTRIBUTE(acquire_capability()) { mutex_.lock(); }
    void unlock() ASHLAR_THREAD_ATTRIBUTE(release_capability()) { mutex_.unlock(); }

private:
    std::mutex mutex_;
};

class ASHLAR_THREAD_ATTRIBUTE(scoped_lockable) MutexLock
{
public:
    explicit MutexLock(Mutex& mutex) ASHLAR_THREAD_ATTRIBUTE(acquire_capability(mutex))
      : mutex_{mutex}
    {
        mutex_.lock();
    }
    ~MutexLock() ASHLAR_THREAD_ATTRIBUTE(release_capability()) { mutex_.unlock(); }
    MutexLock(const MutexLock&) = delete;
    MutexLock& operator=(const MutexLock&) = delete;

private:
    Mutex& mutex_;
};

/// Waits on a Mutex that the caller holds; call in a loop that tests the condition.
using ConditionVariable = std::condition_variable_any;

}  // namespace ashlar
