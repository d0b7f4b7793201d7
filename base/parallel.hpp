#pragma once

/// The project's only way to spread computation over cores. Serial semantics: the calls may run
/// in any order and at once, but parallel_for() returns after all of them.

#include <cstddef>
#include <functional>

#include "base/error.hpp"

namespace ashlar
{

/// Cores that computation may use: the machine's, or what set_thread_count() said.
[[nodiscard]] std::size_t thread_count() noexcept;

/// For benches and `--threads`. Zero means all cores. Call before any work starts.
void set_thread_count(std::size_t count) noexcept;

/// Runs body(i) for i = 0 … count−1 on up to thread_count() threads.
///
/// Bodies must not throw and may not call parallel_for() themselves expecting more threads: an
/// inner call runs on the caller's thread alone, so nothing is ever oversubscribed.
void parallel_for(std::size_t count, const std::function<void(std::size_t)>& body);

/// As parallel_for(); after an error no greater index starts, and the error of the least failing
/// index is returned: the one that a serial loop would meet.
[[nodiscard]] Result<void> try_parallel_for(
    std::size_t count, const std::function<Result<void>(std::size_t)>& body);

}  // namespace ashlar
