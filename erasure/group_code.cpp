#include "erasure/group_code.hpp"

#include <isa-l.h>

namespace ashlar
{
namespace
{

constexpr std::size_t MEMBERS = RUNS_PER_STRIPE;
constexpr std::size_t ROWS_MAX = MEMBERS + GROUP_PARITIES_MAX;

/// ISA-L expands each coefficient into a 32-byte multiplication table.
constexpr std::size_t TABLE_BYTES = 32;

using Matrix = std::array<unsigned char, ROWS_MAX * MEMBERS>;

/// Identity above, Cauchy rows 1/((8 + l) ⊕ i) below.
const Matrix& generator_matrix()
{
    static const Matrix matrix = [] {
        Matrix out{};
        gf_gen_cauchy1_matrix(out.data(), static_cast<int>(ROWS_MAX), static_cast<int>(MEMBERS));
        return out;
    }();
    return matrix;
}

unsigned char* raw(const std::byte* bytes)
{
    // ISA-L takes its sources as non-const pointers but only reads them.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
    return reinterpret_cast<unsigned char*>(const_cast<std::byte*>(bytes));
}

const std::byte* zero_blob()
{
    static const std::vector<std::byte> zeros(BYTES_PER_BLOB);
    return zeros.data();
}

/// outputs[o] = Σ rows[o][i]·inputs[i], bytewise over whole blobs.
void combine(std::span<unsigned char> rows, std::span<unsigned char*> inputs,
    std::span<unsigned char*> outputs)
{
    std::array<unsigned char, TABLE_BYTES * MEMBERS * ROWS_MAX> tables;
    const int k = static_cast<int>(inputs.size());
    const int count = static_cast<int>(outputs.size());
    ec_init_tables(k, count, rows.data(), tables.data());
    ec_encode_data(
        static_cast<int>(BYTES_PER_BLOB), k, count, tables.data(), inputs.data(), outputs.data());
}

/// 8 known slots: their rows of the generator matrix and their bytes.
struct Basis
{
    std::array<std::size_t, MEMBERS> slots{};
    std::array<unsigned char*, MEMBERS> inputs{};
};

std::optional<Basis> choose_basis(std::span<const GroupSlot> slots)
{
    Basis basis;
    std::size_t found = 0;
    for (std::size_t s = 0; s < slots.size() && found < MEMBERS; ++s)
    {
        const bool zero = slots[s].state == GroupSlot::State::zero;
        if (!zero && slots[s].state != GroupSlot::State::present)
            continue;
        basis.slots[found] = s;
        basis.inputs[found] = raw(zero ? zero_blob() : slots[s].buffer.data());
        ++found;
    }
    if (found < MEMBERS)
        return std::nullopt;
    return basis;
}

/// Inverse of the basis' rows: known slots → the 8 members.
Matrix decoding_matrix(const Basis& basis)
{
    Matrix rows{};
    for (std::size_t i = 0; i < MEMBERS; ++i)
        std::copy_n(&generator_matrix()[basis.slots[i] * MEMBERS], MEMBERS, &rows[i * MEMBERS]);
    Matrix inverse{};
    // Every 8 rows of [identity; Cauchy] are independent, so this cannot fail.
    ASHLAR_ASSERT(gf_invert_matrix(rows.data(), inverse.data(), static_cast<int>(MEMBERS)) == 0);
    return inverse;
}

/// Row that gives slot `slot` from the basis: its generator row times the decoding matrix.
std::array<unsigned char, MEMBERS> repair_row(const Matrix& decoding, std::size_t slot)
{
    std::array<unsigned char, MEMBERS> row{};
    for (std::size_t column = 0; column < MEMBERS; ++column)
    {
        for (std::size_t k = 0; k < MEMBERS; ++k)
            row[column] = static_cast<unsigned char>(
                row[column] ^
                gf_mul(generator_matrix()[slot * MEMBERS + k], decoding[k * MEMBERS + column]));
    }
    return row;
}

}  // namespace

void encode_group(const GroupMembers& members, std::span<const BlobBuffer> parities)
{
    ASHLAR_ASSERT(parities.size() <= GROUP_PARITIES_MAX);
    if (parities.empty())
        return;
    std::array<unsigned char*, MEMBERS> inputs{};
    for (std::size_t i = 0; i < MEMBERS; ++i)
        inputs[i] = raw(members[i] ? members[i]->data() : zero_blob());
    std::vector<unsigned char*> outputs;
    for (const auto parity : parities)
        outputs.push_back(raw(parity.data()));
    auto matrix = generator_matrix();
    const auto rows = std::span{matrix}.subspan(MEMBERS * MEMBERS);
    combine(rows.first(parities.size() * MEMBERS), inputs, outputs);
}

Result<void> repair_group(std::span<const GroupSlot> slots)
{
    ASHLAR_ASSERT(slots.size() >= MEMBERS && slots.size() <= ROWS_MAX);
    std::vector<unsigned char> rows;
    std::vector<unsigned char*> outputs;
    auto basis = choose_basis(slots);
    if (!basis)
        return fail(ErrorKind::insufficient, "a group repairs up to {} lost blobs, more are lost",
            slots.size() - MEMBERS);
    const auto decoding = decoding_matrix(*basis);
    for (std::size_t s = 0; s < slots.size(); ++s)
    {
        if (slots[s].state != GroupSlot::State::wanted)
            continue;
        const auto row = repair_row(decoding, s);
        rows.insert(rows.end(), row.begin(), row.end());
        outputs.push_back(raw(slots[s].buffer.data()));
    }
    if (!outputs.empty())
        combine(rows, basis->inputs, outputs);
    return {};
}

}  // namespace ashlar
