#pragma once

/// A node that serves one bit of some pieces wrong.

#include "tests/support/forwarding_node.hpp"

namespace ashlar::test
{

class LyingNode final : public ForwardingNode
{
public:
    using Chooses = std::function<bool(std::uint64_t)>;

    /// @param lies_about  True of the pieces that are served wrong; by default all are.
    explicit LyingNode(
        NodeApi& inner, Chooses lies_about = [](std::uint64_t) { return true; })
      : inner_{inner}, lies_about_{std::move(lies_about)}
    {}

    Result<void> get_pieces(
        const Bytes32& root, std::span<const std::uint64_t> pieces, const PieceSink& sink) override
    {
        return inner_.get_pieces(root, pieces, [&](const PieceView& piece) {
            Bytes copy{piece.bytes.begin(), piece.bytes.end()};
            if (lies_about_(piece.piece))
                copy[99] ^= std::byte{1};
            return sink({piece.piece, BlobView{copy}});
        });
    }

protected:
    Result<NodeApi*> target() override { return &inner_; }

private:
    NodeApi& inner_;
    const Chooses lies_about_;
};

}  // namespace ashlar::test
