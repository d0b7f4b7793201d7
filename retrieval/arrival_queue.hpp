#pragma once

/// Pieces between the threads that receive them and the one that verifies them, in bounded memory.

#include <chrono>
#include <vector>

#include "base/bytes.hpp"
#include "base/mutex.hpp"
#include "commitments/blob.hpp"

namespace ashlar
{

/// A piece that a member sent, not verified yet.
struct Arrival
{
    std::uint64_t piece;
    std::size_t member;
    Bytes bytes;
};

/// Any number of producers, one consumer. Producers wait while the queue is full, and so, through
/// the transport's flow control, do the nodes that send.
class ArrivalQueue
{
public:
    /// @param capacity   Arrivals that may exist at once, those taken and not recycled included.
    /// @param producers  Each calls producer_done() once.
    ArrivalQueue(std::size_t capacity, std::size_t producers);

    /// Copies the piece in, waiting for room.
    /// @return  false if the consumer has stopped: nothing more is wanted.
    [[nodiscard]] bool push(std::uint64_t piece, std::size_t member, BlobView bytes)
        ASHLAR_EXCLUDES(mutex_);
    void producer_done() ASHLAR_EXCLUDES(mutex_);

    /// Waits for `count` arrivals, or for some after `patience`; empty once all producers are done
    /// and nothing is left.
    [[nodiscard]] std::vector<Arrival> take(std::size_t count, std::chrono::milliseconds patience)
        ASHLAR_EXCLUDES(mutex_);

    /// Gives the room of arrivals back.
    void recycle(std::vector<Arrival> arrivals) ASHLAR_EXCLUDES(mutex_);

    /// The consumer stops: pushes return false from now on.
    void close() ASHLAR_EXCLUDES(mutex_);

private:
    const std::size_t capacity_;
    Mutex mutex_;
    ConditionVariable changed_;
    std::vector<Arrival> waiting_ ASHLAR_GUARDED_BY(mutex_);
    std::vector<Bytes> spare_ ASHLAR_GUARDED_BY(mutex_);  ///< Buffers of recycled arrivals.
    std::size_t in_use_ ASHLAR_GUARDED_BY(mutex_) = 0;
    std::size_t producers_ ASHLAR_GUARDED_BY(mutex_);
    bool closed_ ASHLAR_GUARDED_BY(mutex_) = false;
};

}  // namespace ashlar
