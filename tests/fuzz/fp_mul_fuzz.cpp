// Every path of the lanes against blst: products, squares and differences of field elements, and
// sums of points, on whatever limbs the input holds.

#include <cstring>

#include "algebra/g1.hpp"
#include "algebra/point_groups.hpp"

namespace
{

using namespace ashlar;

constexpr std::size_t ELEMENTS_MAX = 32;
constexpr std::size_t FP_BYTES = 48;

/// p, least significant limb first.
constexpr limb_t P[6] = {0xb9feffffffffaaab, 0x1eabfffeb153ffff, 0x6730d2a0f6b0f624,
    0x64774b84f38512bf, 0x4b1ba7b6434bacd7, 0x1a0111ea397fe69a};

void check(bool holds)
{
    ASHLAR_ASSERT(holds);
}

bool equal(const blst_fp& a, const blst_fp& b)
{
    return std::memcmp(a.l, b.l, sizeof(a.l)) == 0;
}

/// The input's chunks of 48 bytes as Montgomery limbs; those from p on are left out.
std::vector<blst_fp> elements(ByteView input)
{
    std::vector<blst_fp> out;
    for (; input.size() >= FP_BYTES && out.size() < ELEMENTS_MAX; input = input.subspan(FP_BYTES))
    {
        blst_fp value;
        std::memcpy(value.l, input.data(), FP_BYTES);
        if (std::lexicographical_compare(
                std::rbegin(value.l), std::rend(value.l), std::rbegin(P), std::rend(P)))
            out.push_back(value);
    }
    return out;
}

void check_field(const LaneKernels& path, const std::vector<blst_fp>& values)
{
    const auto count = values.size();
    std::vector<LaneFp> a(count);
    path.to_lanes(values.data(), a.data(), count);
    std::vector<LaneFp> b(a.rbegin(), a.rend());
    std::vector<LaneFp> product(count);
    std::vector<LaneFp> square(count);
    std::vector<LaneFp> difference(count);
    path.multiply(a.data(), b.data(), product.data(), count);
    path.square(a.data(), square.data(), count);
    path.subtract(a.data(), b.data(), difference.data(), count);
    // Again on results, which need not be in their least form.
    path.multiply(difference.data(), square.data(), square.data(), count);
    std::vector<blst_fp> products(count);
    std::vector<blst_fp> squares(count);
    std::vector<blst_fp> differences(count);
    path.from_lanes(product.data(), products.data(), count);
    path.from_lanes(square.data(), squares.data(), count);
    path.from_lanes(difference.data(), differences.data(), count);
    for (std::size_t i = 0; i < count; ++i)
    {
        const auto& x = values[i];
        const auto& y = values[count - 1 - i];
        blst_fp expected;
        blst_fp_mul(&expected, &x, &y);
        check(equal(products[i], expected));
        blst_fp_sub(&expected, &x, &y);
        check(equal(differences[i], expected));
        blst_fp squared;
        blst_fp_sqr(&squared, &x);
        blst_fp_mul(&expected, &expected, &squared);
        check(equal(squares[i], expected));
    }
}

/// Every byte is a small multiple of the generator with a sign, so equal, opposite and infinite
/// points meet at every level of the tree.
void check_sums(const LaneKernels& path, ByteView input)
{
    constexpr std::size_t POINTS = 4;
    constexpr std::size_t REFS_MAX = 256;
    std::array<G1, POINTS> points;
    for (std::size_t i = 1; i < POINTS; ++i)
        points[i] = points[i - 1] + G1::generator();
    const auto table = make_lane_array(POINTS);
    for (std::size_t i = 0; i < POINTS; ++i)
        path.points_to_lanes(&points[i].to_affine().raw(), &table[i], 1);

    G1 expected;
    PointGroups groups;
    for (const auto byte : input.first(std::min(input.size(), REFS_MAX)))
    {
        const auto value = std::to_integer<std::uint8_t>(byte);
        const auto negated = value % 2 != 0;
        const auto index = value / 2U % POINTS;
        groups.refs.push_back(reinterpret_cast<PointRef>(&table[index]) | (negated ? NEGATED : 0));
        expected += negated ? -points[index] : points[index];
    }
    groups.counts.push_back(static_cast<std::uint32_t>(groups.refs.size()));
    GroupAdder adder{path};
    adder.start(groups.refs.size());
    adder.reduce(groups);
    check(G1Affine{adder.point(groups.refs.front())} == expected.to_affine());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const ByteView input{reinterpret_cast<const std::byte*>(data), size};
    if (input.empty())
        return 0;
    const auto values = elements(input);
    for (const auto* path : {&portable_lanes(), avx2_lanes(), ifma_lanes()})
    {
        if (path == nullptr)
            continue;
        check_field(*path, values);
        check_sums(*path, input);
    }
    return 0;
}
