#include "bench/ckzg_peer.hpp"

#include <cstdio>
#include <numeric>

#include <ckzg.h>

namespace ashlar
{
namespace
{

/// Arrays of bytes and c-kzg's structs of bytes have the same layout.
template <typename To, typename From>
const To* as(const From* from)
{
    static_assert(alignof(To) == 1 && alignof(From) == 1);
    return reinterpret_cast<const To*>(from);
}

template <typename To, typename From>
To* as_out(From* from)
{
    static_assert(alignof(To) == 1 && alignof(From) == 1);
    return reinterpret_cast<To*>(from);
}

}  // namespace

struct CkzgPeer::Settings
{
    KZGSettings value{};

    explicit Settings(unsigned precompute)
    {
        std::FILE* const file = std::fopen(ASHLAR_TRUSTED_SETUP_PATH, "r");
        ASHLAR_ASSERT(file != nullptr);
        ASHLAR_ASSERT(load_trusted_setup_file(&value, file, precompute) == C_KZG_OK);
        std::fclose(file);
    }
    ~Settings() { free_trusted_setup(&value); }
    Settings(const Settings&) = delete;
    Settings& operator=(const Settings&) = delete;
};

CkzgPeer::CkzgPeer(unsigned precompute) : settings_{std::make_unique<Settings>(precompute)}
{}

CkzgPeer::~CkzgPeer() = default;

ashlar::Bytes48 CkzgPeer::commit(ByteView blob) const
{
    ASHLAR_ASSERT(blob.size() == BYTES_PER_BLOB);
    ashlar::Bytes48 out;
    ASHLAR_ASSERT(::blob_to_kzg_commitment(as_out<::Bytes48>(&out), as<Blob>(blob.data()),
                      &settings_->value) == C_KZG_OK);
    return out;
}

ashlar::Bytes48 CkzgPeer::prove_blob(ByteView blob, const ashlar::Bytes48& commitment) const
{
    ASHLAR_ASSERT(blob.size() == BYTES_PER_BLOB);
    ashlar::Bytes48 out;
    ASHLAR_ASSERT(::compute_blob_kzg_proof(as_out<::Bytes48>(&out), as<Blob>(blob.data()),
                      as<::Bytes48>(&commitment), &settings_->value) == C_KZG_OK);
    return out;
}

void CkzgPeer::verify_blobs(ByteView blobs, std::span<const ashlar::Bytes48> commitments,
    std::span<const ashlar::Bytes48> proofs) const
{
    ASHLAR_ASSERT(blobs.size() == commitments.size() * BYTES_PER_BLOB);
    ASHLAR_ASSERT(proofs.size() == commitments.size());
    bool holds = false;
    ASHLAR_ASSERT(::verify_blob_kzg_proof_batch(&holds, as<Blob>(blobs.data()),
                      as<::Bytes48>(commitments.data()), as<::Bytes48>(proofs.data()),
                      commitments.size(), &settings_->value) == C_KZG_OK);
    ASHLAR_ASSERT(holds);
}

CkzgPeer::CellsAndProofs CkzgPeer::cells_and_proofs(ByteView blob) const
{
    ASHLAR_ASSERT(blob.size() == BYTES_PER_BLOB);
    CellsAndProofs out{.cells = ashlar::Bytes(CELLS_PER_EXT_BLOB * BYTES_PER_CELL),
        .proofs = std::vector<ashlar::Bytes48>(CELLS_PER_EXT_BLOB)};
    ASHLAR_ASSERT(::compute_cells_and_kzg_proofs(as_out<Cell>(out.cells.data()),
                      as_out<::Bytes48>(out.proofs.data()), as<Blob>(blob.data()),
                      &settings_->value) == C_KZG_OK);
    return out;
}

ashlar::Bytes CkzgPeer::cells(ByteView blob) const
{
    ASHLAR_ASSERT(blob.size() == BYTES_PER_BLOB);
    ashlar::Bytes out(CELLS_PER_EXT_BLOB * BYTES_PER_CELL);
    ASHLAR_ASSERT(::compute_cells_and_kzg_proofs(as_out<Cell>(out.data()), nullptr,
                      as<Blob>(blob.data()), &settings_->value) == C_KZG_OK);
    return out;
}

ashlar::Bytes CkzgPeer::recover(std::span<const std::uint64_t> indices, ByteView cells) const
{
    ASHLAR_ASSERT(cells.size() == indices.size() * BYTES_PER_CELL);
    ashlar::Bytes out(CELLS_PER_EXT_BLOB * BYTES_PER_CELL);
    ASHLAR_ASSERT(::recover_cells_and_kzg_proofs(as_out<Cell>(out.data()), nullptr, indices.data(),
                      as<Cell>(cells.data()), indices.size(), &settings_->value) == C_KZG_OK);
    return out;
}

void CkzgPeer::verify_cells(const ashlar::Bytes48& commitment, const CellsAndProofs& cells) const
{
    const std::vector<ashlar::Bytes48> commitments(CELLS_PER_EXT_BLOB, commitment);
    std::vector<std::uint64_t> indices(CELLS_PER_EXT_BLOB);
    std::iota(indices.begin(), indices.end(), 0U);
    bool holds = false;
    ASHLAR_ASSERT(
        ::verify_cell_kzg_proof_batch(&holds, as<::Bytes48>(commitments.data()), indices.data(),
            as<Cell>(cells.cells.data()), as<::Bytes48>(cells.proofs.data()), indices.size(),
            &settings_->value) == C_KZG_OK);
    ASHLAR_ASSERT(holds);
}

}  // namespace ashlar
