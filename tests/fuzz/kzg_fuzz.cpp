// Ours against c-kzg on the same untrusted bytes: the first byte picks the function, and both must
// give the same verdict, malformed and false kept apart.

#include "commitments/cells.hpp"
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

}  // namespace
}  // namespace ashlar

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    ashlar::Input input{std::as_bytes(std::span{data, size})};
    switch (std::to_integer<unsigned>(input.take<1>()[0]) % 3)
    {
        case 0:
            ashlar::compare_decompression(input);
            break;
        case 1:
            ashlar::compare_openings(input);
            break;
        default:
            ashlar::compare_cells(input);
    }
    return 0;
}
