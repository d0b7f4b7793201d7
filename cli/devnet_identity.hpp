#pragma once

/// Identities of a devnet's nodes, made by `da-node init`.

#include <filesystem>

#include "object/committee.hpp"

namespace ashlar
{

struct DevnetIdentity
{
    Member member;
    SignedNodeRecord record;
};

/// Runs `da-node init` for node `index`, which will listen on 127.0.0.1. Its weight is 1, its
/// operator SHA-256 of the index in decimal: every node is its own operator.
/// @return  unavailable if the program fails; corrupted if it prints no member entry.
[[nodiscard]] Result<DevnetIdentity> make_identity(const std::filesystem::path& node_program,
    const std::filesystem::path& folder, std::size_t index, std::uint16_t port);

/// The member entry that `da-node init` prints.
[[nodiscard]] Result<DevnetIdentity> parse_identity(std::string_view json);

/// Ports of 127.0.0.1: base_port + i, or free ones of the kernel's choice if base_port is 0.
/// @return  invalid_input if they would pass 65535 or one is taken.
[[nodiscard]] Result<std::vector<std::uint16_t>> choose_ports(
    std::size_t count, std::uint16_t base_port);

}  // namespace ashlar
