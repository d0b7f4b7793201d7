#pragma once

/// Ends streams whose peer neither sends nor takes anything: a call that waits holds a thread.

#include <chrono>
#include <map>
#include <thread>

#include <grpcpp/server_context.h>

#include "base/mutex.hpp"

namespace ashlar
{

/// Thread-safe; one thread of its own.
class StallWatch
{
public:
    explicit StallWatch(std::chrono::milliseconds wait_max);
    ~StallWatch();

    /// While it lives, the call waits for its peer; after wait_max it is cancelled.
    class Wait
    {
    public:
        /// @pre the watch and the context outlive it
        Wait(StallWatch& watch, grpc::ServerContext& context);
        ~Wait();
        Wait(const Wait&) = delete;
        Wait& operator=(const Wait&) = delete;

    private:
        StallWatch& watch_;
        grpc::ServerContext& context_;
    };

private:
    using Instant = std::chrono::steady_clock::time_point;

    void run(const std::stop_token& stop);
    void cancel_stalled() ASHLAR_REQUIRES(mutex_);

    const std::chrono::milliseconds wait_max_;
    Mutex mutex_;
    ConditionVariable stopping_;
    std::map<grpc::ServerContext*, Instant> waiting_since_ ASHLAR_GUARDED_BY(mutex_);
    std::jthread thread_;
};

}  // namespace ashlar
