#pragma once

/// A scaled object behind gRPC and TLS on loopback, as eight members' nodes in this process.

#include <filesystem>

#include "da-node/rpc/server.hpp"

namespace ashlar
{

/// Ports with the node behind them, and the committee that says where they are.
struct ScaledNetwork
{
    static constexpr std::size_t MEMBERS = 8;

    std::vector<std::unique_ptr<RpcServer>> servers;
    std::filesystem::path committee_file;

    /// @param scratch  Folder for the committee file.
    /// @pre the node outlives the network
    [[nodiscard]] static Result<ScaledNetwork> start(
        NodeApi& node, const std::filesystem::path& scratch);
};

}  // namespace ashlar
