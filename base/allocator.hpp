#pragma once

/// How much memory the C library's allocator keeps to itself.

namespace ashlar
{

/// As many arenas as there are cores, instead of glibc's eight times as many. Each arena keeps what
/// its threads needed at their peak, and gRPC has many threads: a fetch of 4 GiB with
/// `--memory 256MiB` on two cores took 430 MiB with sixteen arenas and 260 MiB with two. Call it
/// first in main(): arenas that there are already stay. Does nothing with other C libraries.
void limit_arenas() noexcept;

}  // namespace ashlar
