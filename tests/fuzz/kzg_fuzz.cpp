// Ours against c-kzg on the same untrusted bytes: the first byte picks the function, and both must
// give the same verdict, malformed and false kept apart.

#include "commitments/kzg.hpp"
#include "tests/oracle/oracle.hpp"

namespace ashlar
{
namespace
{

constexpr std::size_t CLAIMS_MAX = 4;

/// Takes fields off the front of the input; what is missing is zero.
class Input
{
public:
    explicit Input(ByteView bytes) : rest_{bytes} {}

    template <std::size_t N>
    ByteArray<N> take()
    {
        ByteArray<N> out{};
        const auto field = rest_.first(std::min(N, rest_.size()));
        std::ranges::copy(field, out.begin());
        rest_ = rest_.subspan(field.size());
        return out;
    }

    [[nodiscard]] bool empty() const { return rest_.empty(); }

private:
    ByteView rest_;
};

oracle::Verdict verdict_of(const Result<void>& result)
{
    if (result)
        return oracle::Verdict::holds;
    if (result.error().kind == ErrorKind::proof_invalid)
        return oracle::Verdict::false_claim;
    ASHLAR_ASSERT(result.error().kind == ErrorKind::invalid_input);
    return oracle::Verdict::malformed;
}

void compare_decompression(Input input)
{
    const auto bytes = input.take<BYTES_PER_G1>();
    const auto point = G1Affine::decompress(bytes);
    ASHLAR_ASSERT(point.has_value() == oracle::is_g1_point(bytes));
    ASHLAR_ASSERT(!point || point->compress() == bytes);
}

void compare_openings(Input input)
{
    const auto commitment = input.take<48>();
    const auto z = input.take<32>();
    const auto y = input.take<32>();
    const auto proof = input.take<48>();
    ASHLAR_ASSERT(verdict_of(verify_kzg_proof(commitment, z, y, proof)) ==
                  oracle::verify_kzg_proof(commitment, z, y, proof));
}

void compare_cells(Input input)
{
    std::vector<Bytes48> commitments;
    std::vector<std::uint64_t> indices;
    std::vector<Cell> cells;
    std::vector<Bytes48> proofs;
    while (!input.empty() && cells.size() < CLAIMS_MAX)
    {
        commitments.push_back(input.take<48>());
        indices.push_back(std::to_integer<std::uint64_t>(input.take<1>()[0]));
        proofs.push_back(input.take<48>());
        cells.push_back(input.take<BYTES_PER_CELL>());
    }
    ASHLAR_ASSERT(verdict_of(verify_cell_kzg_proof_batch(commitments, indices, cells, proofs)) ==
                  oracle::verify_cell_kzg_proof_batch(commitments, indices, cells, proofs));
}

/// A blob that is zero but for some elements, which the input gives with their places.
Bytes sparse_blob(Input& input)
{
    constexpr std::size_t ELEMENTS_MAX = 8;
    Bytes out(BYTES_PER_BLOB);
    for (std::size_t i = 0; i < ELEMENTS_MAX && !input.empty(); ++i)
    {
        const auto at = load_big_endian<std::uint16_t>(input.take<2>()) % ELEMENTS_PER_BLOB;
        std::ranges::copy(input.take<BYTES_PER_ELEMENT>(),
            out.begin() + static_cast<std::ptrdiff_t>(at * BYTES_PER_ELEMENT));
    }
    return out;
}

void compare_commitments(Input input)
{
    const auto bytes = sparse_blob(input);
    const auto blob = BlobView{bytes};
    const auto commitment = blob_to_kzg_commitment(blob);
    const auto expected = oracle::blob_to_kzg_commitment(blob);
    ASHLAR_ASSERT(commitment.has_value() == expected.has_value());
    ASHLAR_ASSERT(!commitment || commitment->bytes() == *expected);
    if (!commitment)
        return;
    const BlobClaim claim{.blob = blob, .commitment = *commitment};
    ASHLAR_ASSERT(verify_blobs({&claim, 1}).has_value());
}

void compare_computed_openings(Input input)
{
    const auto z = input.take<32>();
    const auto bytes = sparse_blob(input);
    const auto opening = compute_kzg_proof(BlobView{bytes}, z);
    const auto expected = oracle::compute_kzg_proof(BlobView{bytes}, z);
    ASHLAR_ASSERT(opening.has_value() == expected.has_value());
    ASHLAR_ASSERT(!opening || (opening->proof.bytes() == expected->proof &&
                                  opening->value.to_bytes() == expected->value));
}

void compare_blob_proofs(Input input)
{
    const std::vector<Bytes48> commitments{input.take<48>()};
    const std::vector<Bytes48> proofs{input.take<48>()};
    const auto bytes = sparse_blob(input);
    const auto blob = BlobView{bytes};
    const auto proof = compute_blob_kzg_proof(blob, commitments[0]);
    const auto expected = oracle::compute_blob_kzg_proof(blob, commitments[0]);
    ASHLAR_ASSERT(proof.has_value() == expected.has_value());
    ASHLAR_ASSERT(!proof || proof->bytes() == *expected);
    const auto verdict = oracle::verify_blob_kzg_proof_batch(blob, commitments, proofs);
    ASHLAR_ASSERT(verdict_of(verify_blob_kzg_proof(blob, commitments[0], proofs[0])) == verdict);
    ASHLAR_ASSERT(verdict_of(verify_blob_kzg_proof_batch(blob, commitments, proofs)) == verdict);
}

/// All cells with their proofs, and one of them alone.
void compare_cell_proofs(Input input)
{
    const auto index = std::to_integer<std::uint64_t>(input.take<1>()[0]);
    const auto bytes = sparse_blob(input);
    const auto all = compute_cells_and_kzg_proofs(BlobView{bytes});
    const auto expected = oracle::compute_cells_and_kzg_proofs(BlobView{bytes});
    ASHLAR_ASSERT(all.has_value() == expected.has_value());
    const auto one = compute_cell_and_proof(BlobView{bytes}, index);
    ASHLAR_ASSERT(one.has_value() == (expected.has_value() && index < CELLS_PER_EXT_BLOB));
    for (std::size_t i = 0; expected && i < CELLS_PER_EXT_BLOB; ++i)
        ASHLAR_ASSERT(
            all->cells[i] == expected->cells[i] && all->proofs[i].bytes() == expected->proofs[i]);
    ASHLAR_ASSERT(!one || (one->cell == expected->cells[index] &&
                              one->proof.bytes() == expected->proofs[index]));
}

/// Cells of a sparse blob, some of them changed, and some of them known.
void compare_recovery(Input input)
{
    const auto known = input.take<CELLS_PER_EXT_BLOB / 8>();
    const auto change = input.take<3>();
    const auto bytes = sparse_blob(input);
    auto cells = compute_cells(BlobView{bytes});
    if (!cells)
        return;
    auto& changed = (*cells)[std::to_integer<std::size_t>(change[0]) % CELLS_PER_EXT_BLOB];
    changed[std::to_integer<std::size_t>(change[1]) * 8] ^= change[2];
    std::vector<std::uint64_t> indices;
    std::vector<Cell> given;
    for (std::size_t i = 0; i < CELLS_PER_EXT_BLOB; ++i)
    {
        if ((std::to_integer<unsigned>(known[i / 8]) >> (i % 8) & 1) != 0)
        {
            indices.push_back(i);
            given.push_back((*cells)[i]);
        }
    }
    const auto recovered = recover_cells(indices, given);
    const auto expected = oracle::recover_cells(indices, given);
    // c-kzg does not look whether more cells than it needs agree.
    ASHLAR_ASSERT(!recovered || *recovered == *expected);
    ASHLAR_ASSERT(recovered || !expected || given.size() > CELLS_PER_EXT_BLOB / 2);
}

}  // namespace
}  // namespace ashlar

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    ashlar::Input input{std::as_bytes(std::span{data, size})};
    switch (std::to_integer<unsigned>(input.take<1>()[0]) % 8)
    {
        case 0:
            ashlar::compare_decompression(input);
            break;
        case 1:
            ashlar::compare_openings(input);
            break;
        case 2:
            ashlar::compare_cells(input);
            break;
        case 3:
            ashlar::compare_commitments(input);
            break;
        case 4:
            ashlar::compare_computed_openings(input);
            break;
        case 5:
            ashlar::compare_blob_proofs(input);
            break;
        case 6:
            ashlar::compare_recovery(input);
            break;
        default:
            ashlar::compare_cell_proofs(input);
    }
    return 0;
}
