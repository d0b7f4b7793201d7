#include "retrieval/arrival_queue.hpp"

#include <algorithm>
#include <iterator>

#include "base/error.hpp"

namespace ashlar
{

ArrivalQueue::ArrivalQueue(std::size_t capacity, std::size_t producers)
  : capacity_{capacity}, producers_{producers}
{
    ASHLAR_ASSERT(capacity > 0);
}

bool ArrivalQueue::push(std::uint64_t piece, std::size_t member, BlobView bytes)
{
    Bytes buffer;
    {
        const MutexLock lock{mutex_};
        while (in_use_ == capacity_ && !closed_)
            changed_.wait(mutex_);
        if (closed_)
            return false;
        ++in_use_;
        if (!spare_.empty())
        {
            buffer = std::move(spare_.back());
            spare_.pop_back();
        }
    }
    // Copied outside the lock: members stream at once.
    buffer.assign(bytes.begin(), bytes.end());
    const MutexLock lock{mutex_};
    waiting_.push_back({.piece = piece, .member = member, .bytes = std::move(buffer)});
    changed_.notify_all();
    return true;
}

void ArrivalQueue::producer_done()
{
    const MutexLock lock{mutex_};
    --producers_;
    changed_.notify_all();
}

std::vector<Arrival> ArrivalQueue::take(std::size_t count, std::chrono::milliseconds patience)
{
    // More would never come: the producers would wait for room.
    count = std::min(count, capacity_);
    const MutexLock lock{mutex_};
    auto until = std::chrono::steady_clock::now() + patience;
    while (waiting_.size() < count && producers_ > 0)
    {
        if (changed_.wait_until(mutex_, until) == std::cv_status::no_timeout)
            continue;
        if (!waiting_.empty())
            break;
        until = std::chrono::steady_clock::now() + patience;
    }
    const auto taken = std::min(count, waiting_.size());
    const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(taken);
    std::vector<Arrival> out{
        std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end)};
    waiting_.erase(waiting_.begin(), end);
    return out;
}

void ArrivalQueue::recycle(std::vector<Arrival> arrivals)
{
    const MutexLock lock{mutex_};
    in_use_ -= arrivals.size();
    for (auto& arrival : arrivals)
        spare_.push_back(std::move(arrival.bytes));
    changed_.notify_all();
}

void ArrivalQueue::close()
{
    const MutexLock lock{mutex_};
    closed_ = true;
    changed_.notify_all();
}

}  // namespace ashlar
