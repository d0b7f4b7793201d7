#pragma once

/// A node in front of another: tests override what should go wrong.

#include "transport/node_api.hpp"

namespace ashlar::test
{

class ForwardingNode : public NodeApi
{
public:
    [[nodiscard]] Result<NodeStatus> status() override
    {
        ASHLAR_TRY(auto* const node, target());
        return node->status();
    }
    [[nodiscard]] Result<void> reserve(const ReserveRequest& request) override
    {
        ASHLAR_TRY(auto* const node, target());
        return node->reserve(request);
    }
    [[nodiscard]] Result<void> put_metadata(
        const Bytes32& root, const ObjectMetadata& metadata) override
    {
        ASHLAR_TRY(auto* const node, target());
        return node->put_metadata(root, metadata);
    }
    [[nodiscard]] Result<void> put_pieces(
        const Bytes32& root, std::span<const CarriedPiece> pieces) override
    {
        ASHLAR_TRY(auto* const node, target());
        return node->put_pieces(root, pieces);
    }
    [[nodiscard]] Result<Holdings> holdings(const Bytes32& root) override
    {
        ASHLAR_TRY(auto* const node, target());
        return node->holdings(root);
    }
    [[nodiscard]] Result<BlsSignature> sign(const Bytes32& root, std::uint64_t expiry) override
    {
        ASHLAR_TRY(auto* const node, target());
        return node->sign(root, expiry);
    }
    [[nodiscard]] Result<void> put_certificate(
        const Bytes32& root, const Certificate& certificate) override
    {
        ASHLAR_TRY(auto* const node, target());
        return node->put_certificate(root, certificate);
    }
    [[nodiscard]] Result<ObjectInfo> object(const Bytes32& root) override
    {
        ASHLAR_TRY(auto* const node, target());
        return node->object(root);
    }
    [[nodiscard]] Result<ObjectMetadata> metadata(const Bytes32& root) override
    {
        ASHLAR_TRY(auto* const node, target());
        return node->metadata(root);
    }
    [[nodiscard]] Result<void> get_pieces(
        const Bytes32& root, std::span<const std::uint64_t> pieces, const PieceSink& sink) override
    {
        ASHLAR_TRY(auto* const node, target());
        return node->get_pieces(root, pieces, sink);
    }
    [[nodiscard]] Result<CellAnswer> get_cell(
        const Bytes32& root, std::uint64_t stored, std::uint64_t cell_index) override
    {
        ASHLAR_TRY(auto* const node, target());
        return node->get_cell(root, stored, cell_index);
    }
    [[nodiscard]] Result<Bytes> fold_record(const Bytes32& root) override
    {
        ASHLAR_TRY(auto* const node, target());
        return node->fold_record(root);
    }
    [[nodiscard]] Result<Bytes> get_walk(const Bytes32& root, std::uint64_t position) override
    {
        ASHLAR_TRY(auto* const node, target());
        return node->get_walk(root, position);
    }

protected:
    /// The node behind, or the error that every call then returns.
    [[nodiscard]] virtual Result<NodeApi*> target() = 0;
};

}  // namespace ashlar::test
