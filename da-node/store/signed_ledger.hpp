#pragma once

/// What a node has signed for, kept beside the segments and outside RocksDB's log: a log that
/// loses its tail opens without complaint, and the node would then claim what it does not know.

#include <filesystem>
#include <optional>

#include "base/bytes.hpp"

namespace ashlar
{

/// File: "ashlar/signed/v1" (16) ‖ object_root ‖ u64be expiry ‖ u64be pieces ‖ pieces_digest ‖
/// SHA-256 of all before.
struct SignedLedger
{
    std::uint64_t expiry_unix_seconds = 0;
    std::uint64_t piece_count = 0;
    Bytes32 pieces_digest{};  ///< See pieces_digest().

    friend bool operator==(const SignedLedger&, const SignedLedger&) = default;
};

/// SHA-256 of the pieces' numbers, u64be each, in ascending order.
[[nodiscard]] Bytes32 pieces_digest(std::span<const std::uint64_t> pieces);

/// Durable when it returns; the earlier ledger stays if it fails.
[[nodiscard]] Result<void> write_ledger(const std::filesystem::path& object_folder,
    const Bytes32& object_root, const SignedLedger& ledger);

/// Nothing if there is none.
/// @return  corrupted if there is one that is not what was written for this object.
[[nodiscard]] Result<std::optional<SignedLedger>> read_ledger(
    const std::filesystem::path& object_folder, const Bytes32& object_root);

}  // namespace ashlar
