#pragma once

/// Pieces of an upload before they are verified: as they came, and decoded for the checks.

#include "object/header.hpp"
#include "transport/node_api.hpp"

namespace ashlar
{

/// Views into what it was made from and into itself; may be moved.
class ArrivedPieces
{
public:
    /// The 131,072 bytes of the data blob of that number that the object's parent has on this node.
    using ParentBlob = std::function<Result<Bytes>(std::uint64_t)>;

    /// Decodes stored forms on all cores, each into its payload. A difference becomes a form that
    /// stands alone, so that what a node keeps depends on no other object.
    ///
    /// @pre at most BLOBS_PER_MESSAGE_MAX pieces, whose bytes outlive the result
    /// @return  invalid_input if the object has no such piece, or one that is no data blob comes in
    ///          stored form; proof_invalid, naming the piece, if a form breaks its format;
    ///          parent's error for a difference.
    [[nodiscard]] static Result<ArrivedPieces> decode(
        std::span<const CarriedPiece> pieces, const ObjectShape& shape, const ParentBlob& parent);

    /// In the order in which they came.
    [[nodiscard]] std::span<const PieceContents> decoded() const noexcept { return decoded_; }
    [[nodiscard]] std::span<const CarriedPiece> kept() const noexcept { return kept_; }

private:
    explicit ArrivedPieces(std::span<const CarriedPiece> pieces);

    [[nodiscard]] Result<void> decode_one(std::size_t index, const ParentBlob& parent);

    std::vector<Bytes> payloads_;  ///< Where a piece came in stored form.
    std::vector<Bytes> forms_;     ///< Made here, where it came as a difference.
    std::vector<PieceContents> decoded_;
    std::vector<CarriedPiece> kept_;
};

}  // namespace ashlar
