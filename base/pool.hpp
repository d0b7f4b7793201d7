#pragma once

/// Costly things that threads borrow in turn.

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "base/mutex.hpp"

namespace ashlar
{

/// Makes its things as they are needed, by default construction, and lends each to one thread at a
/// time. Thread-safe.
template <typename T>
class Pool
{
public:
    /// @param most  How many there are at most; greater than 0.
    explicit Pool(std::size_t most) : left_{most} {}

    /// A thing in one thread's hands, who gives it back by destroying the loan.
    class Loan
    {
    public:
        Loan(Pool& pool, std::unique_ptr<T> thing) : pool_{pool}, thing_{std::move(thing)} {}
        Loan(const Loan&) = delete;
        Loan& operator=(const Loan&) = delete;
        ~Loan() { pool_.give_back(std::move(thing_)); }

        T& operator*() const noexcept { return *thing_; }
        T* operator->() const noexcept { return thing_.get(); }

    private:
        Pool& pool_;
        std::unique_ptr<T> thing_;
    };

    /// Waits while all are lent.
    [[nodiscard]] Loan borrow() { return Loan{*this, take()}; }

    /// All that were made. @pre none is lent, or will be
    [[nodiscard]] std::vector<std::unique_ptr<T>> take_all() ASHLAR_EXCLUDES(mutex_)
    {
        const MutexLock lock{mutex_};
        return std::exchange(idle_, {});
    }

private:
    std::unique_ptr<T> take() ASHLAR_EXCLUDES(mutex_)
    {
        const MutexLock lock{mutex_};
        while (idle_.empty() && left_ == 0)
            given_back_.wait(mutex_);
        if (idle_.empty())
        {
            --left_;
            return std::make_unique<T>();
        }
        auto thing = std::move(idle_.back());
        idle_.pop_back();
        return thing;
    }

    void give_back(std::unique_ptr<T> thing) ASHLAR_EXCLUDES(mutex_)
    {
        {
            const MutexLock lock{mutex_};
            idle_.push_back(std::move(thing));
        }
        given_back_.notify_one();
    }

    Mutex mutex_;
    ConditionVariable given_back_;
    std::vector<std::unique_ptr<T>> idle_ ASHLAR_GUARDED_BY(mutex_);
    std::size_t left_ ASHLAR_GUARDED_BY(mutex_);  ///< That may be made still.
};

}  // namespace ashlar
