#include "commitments/blob_batch.hpp"

#include <atomic>

#include "algebra/msm.hpp"
#include "base/parallel.hpp"
#include "base/random.hpp"
#include "commitments/setup_msm.hpp"

namespace ashlar
{
namespace
{

__extension__ using Uint128 = unsigned __int128;

/// Elements that one task sums over all blobs: 2 KiB of each blob, so that few pages are touched
/// at a time and the sums stay in the first-level cache.
constexpr std::size_t ELEMENTS_PER_SLICE = 64;
constexpr std::size_t SLICES = ELEMENTS_PER_BLOB / ELEMENTS_PER_SLICE;
constexpr std::size_t BYTES_PER_SLICE = ELEMENTS_PER_SLICE * BYTES_PER_ELEMENT;

/// r, least significant limb first.
constexpr std::array<std::uint64_t, 4> MODULUS = {
    0xffffffff00000001, 0x53bda402fffe5bfe, 0x3339d80809a1d805, 0x73eda753299d7d48};

/// A coefficient γ of 128 random bits.
struct Coefficient
{
    std::uint64_t low;
    std::uint64_t high;

    [[nodiscard]] Fr to_fr() const
    {
        Bytes32 bytes{};
        std::ranges::copy(big_endian(high), bytes.begin() + 16);
        std::ranges::copy(big_endian(low), bytes.begin() + 24);
        return Fr::reduce(std::span<const std::byte, 32>{bytes});
    }
};

std::vector<Coefficient> random_coefficients(std::size_t count)
{
    std::vector<Coefficient> out(count);
    system_random().fill(std::as_writable_bytes(std::span{out}));
    return out;
}

/// A sum of unreduced products, least significant limb first. A product is below 2³⁸³, so 448
/// bits hold 2⁶⁵ of them: more than there can be blobs, and one reduction serves them all.
using WideSum = std::array<std::uint64_t, 7>;

/// sum += limb·value·2^(64·at), carrying to the top.
template <std::size_t AT>
inline void add_product(
    WideSum& sum, std::uint64_t limb, const std::array<std::uint64_t, 4>& value) noexcept
{
    std::uint64_t carry = 0;
    for (std::size_t i = 0; i < 4; ++i)
    {
        // At most (2⁶⁴−1)² + 2·(2⁶⁴−1) = 2¹²⁸ − 1: never overflows.
        const Uint128 t = Uint128{limb} * value[i] + sum[AT + i] + carry;
        sum[AT + i] = static_cast<std::uint64_t>(t);
        carry = static_cast<std::uint64_t>(t >> 64);
    }
    for (std::size_t i = AT + 4; i < sum.size(); ++i)
    {
        const Uint128 t = Uint128{sum[i]} + carry;
        sum[i] = static_cast<std::uint64_t>(t);
        carry = static_cast<std::uint64_t>(t >> 64);
    }
}

std::array<std::uint64_t, 4> load_element(std::span<const std::byte, 32> bytes) noexcept
{
    return {load_big_endian<std::uint64_t>(bytes.subspan<24, 8>()),
        load_big_endian<std::uint64_t>(bytes.subspan<16, 8>()),
        load_big_endian<std::uint64_t>(bytes.subspan<8, 8>()),
        load_big_endian<std::uint64_t>(bytes.subspan<0, 8>())};
}

bool is_canonical(const std::array<std::uint64_t, 4>& element) noexcept
{
    // Nearly every element is decided by its top limb.
    if (element[3] != MODULUS[3])
        return element[3] < MODULUS[3];
    return std::lexicographical_compare(
        element.rbegin(), element.rend(), MODULUS.rbegin(), MODULUS.rend());
}

/// sums[e] += γ·element e of the slice.
/// @return  false if an element is not below r.
bool add_slice(std::span<WideSum, ELEMENTS_PER_SLICE> sums, const Coefficient& gamma,
    std::span<const std::byte, BYTES_PER_SLICE> slice) noexcept
{
    bool canonical = true;
    for (std::size_t e = 0; e < ELEMENTS_PER_SLICE; ++e)
    {
        const auto element =
            load_element(slice.subspan(e * BYTES_PER_ELEMENT).first<BYTES_PER_ELEMENT>());
        canonical &= is_canonical(element);
        add_product<0>(sums[e], gamma.low, element);
        add_product<1>(sums[e], gamma.high, element);
    }
    return canonical;
}

Fr reduce(const WideSum& sum) noexcept
{
    Bytes64 bytes{};
    for (std::size_t i = 0; i < sum.size(); ++i)
        std::ranges::copy(big_endian(sum[i]), bytes.end() - 8 * static_cast<std::ptrdiff_t>(i + 1));
    return Fr::reduce(std::span<const std::byte, 64>{bytes});
}

/// Elements of Σγᵢ·blobᵢ; invalid_input if some element is not below r.
Result<std::vector<Fr>> combine_blobs(
    std::span<const BlobClaim> claims, std::span<const Coefficient> gammas)
{
    std::vector<Fr> combined(ELEMENTS_PER_BLOB);
    std::atomic<bool> canonical{true};
    parallel_for(SLICES, [&](std::size_t s) {
        std::array<WideSum, ELEMENTS_PER_SLICE> sums{};
        for (std::size_t i = 0; i < claims.size(); ++i)
        {
            const auto slice = claims[i].blob.subspan(s * BYTES_PER_SLICE).first<BYTES_PER_SLICE>();
            if (!add_slice(sums, gammas[i], slice))
                canonical = false;
        }
        std::ranges::transform(
            sums, combined.begin() + static_cast<std::ptrdiff_t>(s * ELEMENTS_PER_SLICE), reduce);
    });
    if (!canonical)
        return fail(ErrorKind::invalid_input, "a blob has an element not below the modulus");
    return combined;
}

G1 combine_commitments(std::span<const BlobClaim> claims, std::span<const Coefficient> gammas)
{
    std::vector<G1Affine> points;
    std::vector<Fr> scalars;
    points.reserve(claims.size());
    scalars.reserve(claims.size());
    for (std::size_t i = 0; i < claims.size(); ++i)
    {
        points.push_back(claims[i].commitment.point());
        scalars.push_back(gammas[i].to_fr());
    }
    return parallel_msm(points, scalars);
}

void collect_false(
    std::span<const BlobClaim> claims, std::size_t first, std::vector<std::size_t>& out)
{
    if (verify_blobs(claims))
        return;
    if (claims.size() == 1)
    {
        out.push_back(first);
        return;
    }
    const auto half = claims.size() / 2;
    collect_false(claims.first(half), first, out);
    collect_false(claims.subspan(half), first + half, out);
}

}  // namespace

Result<void> verify_blobs(std::span<const BlobClaim> claims)
{
    const auto gammas = random_coefficients(claims.size());
    ASHLAR_TRY(const auto elements, combine_blobs(claims, gammas));
    const auto expected = lagrange_msm().sum(elements);
    if (expected != combine_commitments(claims, gammas))
        return fail(ErrorKind::proof_invalid, "a blob does not match its commitment");
    return {};
}

std::vector<std::size_t> find_false_blobs(std::span<const BlobClaim> claims)
{
    std::vector<std::size_t> out;
    collect_false(claims, 0, out);
    return out;
}

}  // namespace ashlar
