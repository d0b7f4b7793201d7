#include "base/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <optional>
#include <thread>
#include <vector>

#include "base/mutex.hpp"

namespace ashlar
{
namespace
{

std::atomic<std::size_t> configured_threads{0};
thread_local bool inside_parallel_for = false;

void run_all(
    std::size_t count, const std::function<void(std::size_t)>& body, std::atomic<std::size_t>& next)
{
    inside_parallel_for = true;
    for (auto i = next.fetch_add(1); i < count; i = next.fetch_add(1))
        body(i);
    inside_parallel_for = false;
}

}  // namespace

std::size_t thread_count() noexcept
{
    const auto configured = configured_threads.load();
    return configured != 0 ? configured
                           : std::max<std::size_t>(std::thread::hardware_concurrency(), 1);
}

void set_thread_count(std::size_t count) noexcept
{
    configured_threads.store(count);
}

void parallel_for(std::size_t count, const std::function<void(std::size_t)>& body)
{
    const auto threads = inside_parallel_for ? 1 : std::min(thread_count(), count);
    if (threads <= 1)
    {
        for (std::size_t i = 0; i < count; ++i)
            body(i);
        return;
    }
    std::atomic<std::size_t> next{0};
    std::vector<std::jthread> helpers;
    helpers.reserve(threads - 1);
    for (std::size_t t = 1; t < threads; ++t)
        helpers.emplace_back([&] { run_all(count, body, next); });
    run_all(count, body, next);
}

Result<void> try_parallel_for(
    std::size_t count, const std::function<Result<void>(std::size_t)>& body)
{
    std::atomic<std::size_t> first_failed{count};
    Mutex mutex;
    std::optional<Error> first_error;
    parallel_for(count, [&](std::size_t i) {
        // Indices below a failed one still run, so that the least error is found every time.
        if (i > first_failed.load())
            return;
        if (auto done = body(i); !done)
        {
            const MutexLock lock{mutex};
            if (i < first_failed.load())
            {
                first_failed.store(i);
                first_error = std::move(done).error();
            }
        }
    });
    if (first_error)
        return tl::unexpected<Error>(std::move(*first_error));
    return {};
}

}  // namespace ashlar
