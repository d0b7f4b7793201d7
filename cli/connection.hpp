#pragma once

/// A committee file and a client for each of its members.

#include <filesystem>
#include <memory>

#include "transport/node_api.hpp"

namespace ashlar
{

/// Movable, but the spans it hands out belong to where it lives.
class Connection
{
public:
    /// Reads the committee; nothing is sent before the first call.
    ///
    /// @param file  Empty for default_committee_file().
    /// @return  invalid_input if the file cannot be read or is no committee.
    [[nodiscard]] static Result<Connection> open(const std::filesystem::path& file);

    [[nodiscard]] const Committee& committee() const noexcept { return committee_; }

    /// In member order; null for members without an address.
    [[nodiscard]] std::span<NodeApi* const> nodes() const noexcept { return nodes_; }

private:
    explicit Connection(Committee committee);

    Committee committee_;
    std::vector<std::unique_ptr<NodeApi>> clients_;
    std::vector<NodeApi*> nodes_;
};

/// What the members say of themselves, all asked at once; an error for those that do not answer.
[[nodiscard]] std::vector<Result<NodeStatus>> ask_status(std::span<NodeApi* const> nodes);

/// What the members say that they hold of an object, likewise.
[[nodiscard]] std::vector<Result<Holdings>> ask_holdings(
    std::span<NodeApi* const> nodes, const Bytes32& object_root);

/// Bytes that the answers say lie on disk, together.
[[nodiscard]] std::uint64_t stored_bytes_of(std::span<const Result<Holdings>> answers);

}  // namespace ashlar
