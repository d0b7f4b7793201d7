#include "tests/oracle/oracle.hpp"

#include <cstdio>
#include <memory>

#include <ckzg.h>

// c-kzg defines macros with the names of our constants, so no header of ours that declares them
// may be included here.

namespace ashlar::oracle
{
namespace
{

const KZGSettings& settings()
{
    static const KZGSettings loaded = [] {
        KZGSettings out{};
        std::FILE* const file = std::fopen(ASHLAR_TRUSTED_SETUP_PATH, "r");
        ASHLAR_ASSERT(file != nullptr);
        ASHLAR_ASSERT(load_trusted_setup_file(&out, file, 0) == C_KZG_OK);
        std::fclose(file);
        return out;
    }();
    return loaded;
}

/// Our byte arrays and c-kzg's structs of bytes have the same layout.
template <typename To, typename From>
const To* as(const From& from)
{
    static_assert(alignof(To) == 1 && alignof(From) == 1);
    return reinterpret_cast<const To*>(&from);
}

template <typename To, typename From>
To* as_out(From& from)
{
    static_assert(alignof(To) == 1 && alignof(From) == 1);
    return reinterpret_cast<To*>(&from);
}

const Blob* as_blob(BlobBytes bytes)
{
    return reinterpret_cast<const Blob*>(bytes.data());
}

Verdict verdict_of(C_KZG_RET returned, bool holds)
{
    if (returned != C_KZG_OK)
        return Verdict::malformed;
    return holds ? Verdict::holds : Verdict::false_claim;
}

}  // namespace

std::optional<Bytes48> blob_to_kzg_commitment(BlobBytes blob)
{
    Bytes48 out;
    if (::blob_to_kzg_commitment(as_out<::Bytes48>(out), as_blob(blob), &settings()) != C_KZG_OK)
        return std::nullopt;
    return out;
}

std::optional<KzgOpening> compute_kzg_proof(BlobBytes blob, const Bytes32& z)
{
    KzgOpening out;
    if (::compute_kzg_proof(as_out<::Bytes48>(out.proof), as_out<::Bytes32>(out.value),
            as_blob(blob), as<::Bytes32>(z), &settings()) != C_KZG_OK)
        return std::nullopt;
    return out;
}

Verdict verify_kzg_proof(
    const Bytes48& commitment, const Bytes32& z, const Bytes32& y, const Bytes48& proof)
{
    bool holds = false;
    const auto returned = ::verify_kzg_proof(&holds, as<::Bytes48>(commitment), as<::Bytes32>(z),
        as<::Bytes32>(y), as<::Bytes48>(proof), &settings());
    return verdict_of(returned, holds);
}

std::optional<CellsWithProofs> compute_cells_and_kzg_proofs(BlobBytes blob)
{
    CellsWithProofs out{.cells = std::vector<CellBytes>(CELLS_PER_EXT_BLOB),
        .proofs = std::vector<Bytes48>(CELLS_PER_EXT_BLOB)};
    if (::compute_cells_and_kzg_proofs(as_out<::Cell>(out.cells.front()),
            as_out<::Bytes48>(out.proofs.front()), as_blob(blob), &settings()) != C_KZG_OK)
        return std::nullopt;
    return out;
}

Verdict verify_cell_kzg_proof_batch(std::span<const Bytes48> commitments,
    std::span<const std::uint64_t> cell_indices, std::span<const CellBytes> cells,
    std::span<const Bytes48> proofs)
{
    bool holds = false;
    const auto returned = ::verify_cell_kzg_proof_batch(&holds,
        reinterpret_cast<const ::Bytes48*>(commitments.data()), cell_indices.data(),
        reinterpret_cast<const ::Cell*>(cells.data()),
        reinterpret_cast<const ::Bytes48*>(proofs.data()), cells.size(), &settings());
    return verdict_of(returned, holds);
}

std::optional<std::vector<CellBytes>> recover_cells(
    std::span<const std::uint64_t> cell_indices, std::span<const CellBytes> cells)
{
    std::vector<CellBytes> out(CELLS_PER_EXT_BLOB);
    if (::recover_cells_and_kzg_proofs(as_out<::Cell>(out.front()), nullptr, cell_indices.data(),
            reinterpret_cast<const ::Cell*>(cells.data()), cells.size(), &settings()) != C_KZG_OK)
        return std::nullopt;
    return out;
}

std::optional<Bytes48> compute_blob_kzg_proof(BlobBytes blob, const Bytes48& commitment)
{
    Bytes48 out;
    if (::compute_blob_kzg_proof(as_out<::Bytes48>(out), as_blob(blob), as<::Bytes48>(commitment),
            &settings()) != C_KZG_OK)
        return std::nullopt;
    return out;
}

Verdict verify_blob_kzg_proof_batch(
    ByteView blobs, std::span<const Bytes48> commitments, std::span<const Bytes48> proofs)
{
    bool holds = false;
    const auto returned =
        ::verify_blob_kzg_proof_batch(&holds, reinterpret_cast<const Blob*>(blobs.data()),
            reinterpret_cast<const ::Bytes48*>(commitments.data()),
            reinterpret_cast<const ::Bytes48*>(proofs.data()), commitments.size(), &settings());
    return verdict_of(returned, holds);
}

bool is_g1_point(const Bytes48& bytes)
{
    g1_t point;
    return ::bytes_to_kzg_commitment(&point, as<::Bytes48>(bytes)) == C_KZG_OK;
}

}  // namespace ashlar::oracle
