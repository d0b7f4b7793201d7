#pragma once

/// A reader who knows an object's root alone and wants one tensor: how soon it has the first
/// verified byte, and what it moves.

#include "bench/measure.hpp"
#include "cli/connection.hpp"

namespace ashlar
{

/// Where the object is and how to reach it.
struct TensorReads
{
    std::filesystem::path committee_file;
    Bytes32 object_root{};
    std::filesystem::path scratch;
    std::size_t rounds = 5;
    std::string prefix;  ///< Of the figures' names.

    /// Looks the directory up as well, as a reader by name does.
    bool has_directory = true;

    /// Sockets of the nodes are this process's own, so that its every byte is counted twice.
    bool is_own_network = false;
};

/// Reads 1 MiB from places all over the object, each time with connections of its own. Prints
/// PREFIX_first_byte (median, connections included), PREFIX_blobs_beyond the nine that 1 MiB needs
/// at least (maximum) and PREFIX_bytes at the sockets (maximum).
[[nodiscard]] Result<void> measure_tensor_reads(
    const TensorReads& reads, const FigurePrinter& printer);

/// The same for a scaled object of so many payload bytes, whose nodes are this process.
[[nodiscard]] Result<void> measure_large_tensor(std::uint64_t payload_bytes,
    const std::filesystem::path& scratch, std::size_t rounds, const FigurePrinter& printer);

}  // namespace ashlar
