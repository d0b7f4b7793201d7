#pragma once

/// An object of any size that is real in everything a light client checks: of rank one, blob n
/// being sₙ·U for one blob U of elements below 2¹⁸⁴ and integers sₙ below 2⁶⁴, so that every
/// element of a data blob is below 2²⁴⁸ and the payload legal. Commitments, cells and proofs scale
/// by sₙ, parity is one transform of scalars, and the fold's layers are scalars times U's
/// commitment.

#include <filesystem>

#include "bench/fixed_base.hpp"
#include "commitments/cells.hpp"
#include "da-node/store/fold_file.hpp"
#include "object/header.hpp"
#include "transport/node_api.hpp"

namespace ashlar
{

class ScaledObject
{
public:
    /// @param scratch  Folder of the fold, which later calls for as many blobs find there.
    [[nodiscard]] static Result<std::unique_ptr<ScaledObject>> make(
        std::uint64_t data_blobs, const std::filesystem::path& scratch);

    [[nodiscard]] const ObjectHeader& header() const noexcept { return header_; }
    [[nodiscard]] Result<Bytes> fold_record() const { return fold_->record(); }
    [[nodiscard]] Result<Bytes> walk(std::uint64_t position) const;
    [[nodiscard]] Bytes blob(std::uint64_t stored) const;
    [[nodiscard]] CellAnswer cell(std::uint64_t stored, std::uint64_t cell_index) const;

private:
    struct Base;
    ScaledObject(std::shared_ptr<const Base> base, std::vector<Fr> scalars,
        const ObjectHeader& header, FoldFile fold);

    std::shared_ptr<const Base> base_;
    std::vector<Fr> scalars_;  ///< sₙ of all 2D positions.
    ObjectHeader header_;
    std::unique_ptr<FoldFile> fold_;
};

/// A node that serves the object to light clients, and nothing else.
class ScaledNode final : public NodeApi
{
public:
    /// @param withheld  Stored blobs that it denies to have: the first ones, which uniform draws
    ///                  meet as often as any others.
    explicit ScaledNode(const ScaledObject& object, std::uint64_t withheld = 0)
      : object_{object}, withheld_{withheld}
    {}

    Result<ObjectInfo> object(const Bytes32& root) override;
    Result<Bytes> fold_record(const Bytes32& root) override;
    Result<Bytes> get_walk(const Bytes32& root, std::uint64_t position) override;
    Result<CellAnswer> get_cell(
        const Bytes32& root, std::uint64_t stored, std::uint64_t cell_index) override;

    Result<ObjectMetadata> metadata(const Bytes32&) override { return nothing(); }
    Result<void> get_pieces(
        const Bytes32& root, std::span<const std::uint64_t> pieces, const PieceSink& sink) override;
    Result<NodeStatus> status() override { return nothing(); }
    Result<void> reserve(const ReserveRequest&) override { return nothing(); }
    Result<void> put_metadata(const Bytes32&, const ObjectMetadata&) override { return nothing(); }
    Result<void> put_pieces(const Bytes32&, std::span<const CarriedPiece>) override
    {
        return nothing();
    }
    Result<Holdings> holdings(const Bytes32&) override { return nothing(); }
    Result<BlsSignature> sign(const Bytes32&, std::uint64_t) override { return nothing(); }
    Result<void> put_certificate(const Bytes32&, const Certificate&) override { return nothing(); }

private:
    static tl::unexpected<Error> nothing() { return fail(ErrorKind::not_found, "not here"); }
    [[nodiscard]] Result<void> known(const Bytes32& root) const;

    const ScaledObject& object_;
    std::uint64_t withheld_;
};

}  // namespace ashlar
