#include "da-node/rpc/stall_watch.hpp"

namespace ashlar
{

StallWatch::StallWatch(std::chrono::milliseconds wait_max)
  : wait_max_{wait_max}, thread_{[this](const std::stop_token& stop) { run(stop); }}
{}

StallWatch::~StallWatch()
{
    {
        // Under the lock, so that the thread cannot miss it between its test and its wait.
        const MutexLock lock{mutex_};
        thread_.request_stop();
    }
    stopping_.notify_all();
}

StallWatch::Wait::Wait(StallWatch& watch, grpc::ServerContext& context)
  : watch_{watch}, context_{context}
{
    const MutexLock lock{watch_.mutex_};
    watch_.waiting_since_[&context_] = std::chrono::steady_clock::now();
}

StallWatch::Wait::~Wait()
{
    const MutexLock lock{watch_.mutex_};
    watch_.waiting_since_.erase(&context_);
}

void StallWatch::cancel_stalled()
{
    const auto now = std::chrono::steady_clock::now();
    for (const auto& [context, since] : waiting_since_)
    {
        if (now - since > wait_max_)
            context->TryCancel();
    }
}

void StallWatch::run(const std::stop_token& stop)
{
    const MutexLock lock{mutex_};
    while (!stop.stop_requested())
    {
        stopping_.wait_for(mutex_, wait_max_ / 4);
        cancel_stalled();
    }
}

}  // namespace ashlar
