#pragma once

/// c-kzg as the peer of measurements. A header of its own, because c-kzg's headers define macros
/// with the names of our constants.

#include <memory>

#include "base/bytes.hpp"

namespace ashlar
{

/// c-kzg with the Ethereum setup. Every call asserts that it succeeds and, where it verifies, that
/// the claim holds.
class CkzgPeer
{
public:
    /// @param precompute  c-kzg's width of the tables for cell proofs; 0 for none.
    explicit CkzgPeer(unsigned precompute);
    ~CkzgPeer();
    CkzgPeer(const CkzgPeer&) = delete;
    CkzgPeer& operator=(const CkzgPeer&) = delete;

    [[nodiscard]] Bytes48 commit(ByteView blob) const;
    [[nodiscard]] Bytes48 prove_blob(ByteView blob, const Bytes48& commitment) const;

    /// @pre one commitment and one proof a blob; blobs follow one another
    void verify_blobs(ByteView blobs, std::span<const Bytes48> commitments,
        std::span<const Bytes48> proofs) const;

    struct CellsAndProofs
    {
        Bytes cells;
        std::vector<Bytes48> proofs;
    };
    [[nodiscard]] CellsAndProofs cells_and_proofs(ByteView blob) const;
    /// The 128 cells without proofs: half of them are the erasure code.
    [[nodiscard]] Bytes cells(ByteView blob) const;
    /// The same from some of them, without proofs.
    [[nodiscard]] Bytes recover(std::span<const std::uint64_t> indices, ByteView cells) const;
    void verify_cells(const Bytes48& commitment, const CellsAndProofs& cells) const;

private:
    struct Settings;
    std::unique_ptr<Settings> settings_;
};

}  // namespace ashlar
