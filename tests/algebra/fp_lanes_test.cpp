#include "algebra/fp_lanes.hpp"

#include <gtest/gtest.h>
#include <memory>

#include "algebra/g1.hpp"
#include "algebra/point_groups.hpp"
#include "base/random.hpp"
#include "tests/algebra/lane_paths.hpp"

namespace ashlar
{

namespace
{

class fp_lanes : public testing::TestWithParam<const LaneKernels*>
{
};
INSTANTIATE_TEST_SUITE_P(paths, fp_lanes, testing::ValuesIn(test::lane_paths()),
    [](const auto& path) { return std::string{path.param->name}; });

using Integer = std::array<std::uint64_t, 6>;

constexpr Integer P = {0xb9feffffffffaaab, 0x1eabfffeb153ffff, 0x6730d2a0f6b0f624,
    0x64774b84f38512bf, 0x4b1ba7b6434bacd7, 0x1a0111ea397fe69a};

/// blst's Montgomery form with exactly these limbs.
blst_fp with_limbs(const Integer& limbs)
{
    blst_fp out;
    std::ranges::copy(limbs, std::begin(out.l));
    return out;
}

Integer limbs_of(const blst_fp& value)
{
    Integer out;
    std::ranges::copy(value.l, out.begin());
    return out;
}

Integer minus_small(Integer value, std::uint64_t small)
{
    value[0] -= small;
    return value;
}

/// Zero, one, p − 1, … as limbs and as field elements, runs of ones over every limb boundary of
/// both radices, and random elements.
std::vector<blst_fp> elements()
{
    std::vector<blst_fp> out;
    for (const auto& limbs : {Integer{}, Integer{1}, Integer{2}, minus_small(P, 1),
             minus_small(P, 2), Integer{~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL, P[5] - 1},
             Integer{0, 0, 0, 0, 0, P[5]}, Integer{0, ~0ULL, 0, ~0ULL, 0, 0xffff}})
    {
        out.push_back(with_limbs(limbs));
        blst_fp element;
        blst_fp_from_uint64(&element, limbs.data());
        out.push_back(element);
    }
    for (std::size_t bit = 0; bit < 380; ++bit)
    {
        Integer ones{};
        Integer single{};
        for (std::size_t i = 0; i <= bit; ++i)
            ones[i / 64] |= 1ULL << (i % 64);
        single[bit / 64] = 1ULL << (bit % 64);
        out.push_back(with_limbs(ones));
        out.push_back(with_limbs(single));
    }
    SeededRandom random{1};
    for (std::size_t i = 0; i < 500; ++i)
    {
        Integer limbs;
        random.fill(std::as_writable_bytes(std::span{limbs}));
        limbs[5] %= P[5];
        out.push_back(with_limbs(limbs));
    }
    return out;
}

std::vector<LaneFp> to_lanes(const LaneKernels& path, std::span<const blst_fp> values)
{
    std::vector<LaneFp> out(values.size());
    path.to_lanes(values.data(), out.data(), out.size());
    return out;
}

std::vector<Integer> from_lanes(const LaneKernels& path, std::span<const LaneFp> values)
{
    std::vector<blst_fp> out(values.size());
    path.from_lanes(values.data(), out.data(), out.size());
    std::vector<Integer> limbs;
    for (const auto& value : out)
        limbs.push_back(limbs_of(value));
    return limbs;
}

std::vector<Integer> limbs_of(std::span<const blst_fp> values)
{
    std::vector<Integer> out;
    for (const auto& value : values)
        out.push_back(limbs_of(value));
    return out;
}

TEST_P(fp_lanes, conversion_and_back_gives_reduced_element)
{
    const auto values = elements();

    EXPECT_EQ(from_lanes(*GetParam(), to_lanes(*GetParam(), values)), limbs_of(values));
}

TEST_P(fp_lanes, conversion_takes_any_count)
{
    const auto values = elements();
    for (std::size_t count = 0; count <= 17; ++count)
    {
        const auto some = std::span{values}.subspan(100, count);
        EXPECT_EQ(from_lanes(*GetParam(), to_lanes(*GetParam(), some)), limbs_of(some));
    }
}

TEST_P(fp_lanes, operations_equal_blst_on_all_pairs_of_distances)
{
    const auto& path = *GetParam();
    const auto a = elements();
    const auto lanes_a = to_lanes(path, a);
    std::vector<LaneFp> results(a.size());
    std::vector<blst_fp> expected(a.size());
    for (const std::size_t distance : {0U, 1U, 2U, 3U, 7U, 16U, 77U, 400U})
    {
        auto b = a;
        std::ranges::rotate(b, b.begin() + static_cast<std::ptrdiff_t>(distance));
        const auto lanes_b = to_lanes(path, b);

        path.multiply(lanes_a.data(), lanes_b.data(), results.data(), a.size());
        for (std::size_t i = 0; i < a.size(); ++i)
            blst_fp_mul(&expected[i], &a[i], &b[i]);
        EXPECT_EQ(from_lanes(path, results), limbs_of(expected));

        path.subtract(lanes_a.data(), lanes_b.data(), results.data(), a.size());
        for (std::size_t i = 0; i < a.size(); ++i)
            blst_fp_sub(&expected[i], &a[i], &b[i]);
        EXPECT_EQ(from_lanes(path, results), limbs_of(expected));
    }
    path.square(lanes_a.data(), results.data(), a.size());
    for (std::size_t i = 0; i < a.size(); ++i)
        blst_fp_sqr(&expected[i], &a[i]);
    EXPECT_EQ(from_lanes(path, results), limbs_of(expected));
}

// Results are not always in the least form; a long chain lets every deviation build up.
TEST_P(fp_lanes, chains_of_operations_equal_blst)
{
    const auto& path = *GetParam();
    auto values = elements();
    auto lanes = to_lanes(path, values);
    const auto first = values;
    const auto first_lanes = lanes;
    for (std::size_t round = 0; round < 200; ++round)
    {
        path.subtract(lanes.data(), first_lanes.data(), lanes.data(), lanes.size());
        path.multiply(lanes.data(), lanes.data(), lanes.data(), lanes.size());
        path.subtract(first_lanes.data(), lanes.data(), lanes.data(), lanes.size());
        path.square(lanes.data(), lanes.data(), lanes.size());
        for (std::size_t i = 0; i < values.size(); ++i)
        {
            blst_fp_sub(&values[i], &values[i], &first[i]);
            blst_fp_mul(&values[i], &values[i], &values[i]);
            blst_fp_sub(&values[i], &first[i], &values[i]);
            blst_fp_sqr(&values[i], &values[i]);
        }
    }
    EXPECT_EQ(from_lanes(path, lanes), limbs_of(values));
}

/// i·G for i = 0 … count − 1, infinity first.
std::vector<G1Affine> multiples_of_generator(std::size_t count)
{
    std::vector<G1> points(count);
    for (std::size_t i = 1; i < count; ++i)
        points[i] = points[i - 1] + G1::generator();
    return to_affine(points);
}

struct SumCase
{
    std::size_t left;
    std::size_t right;
    bool left_negated;
    bool right_negated;
};

/// Adds the given multiples of the generator by the path and compares with blst.
void expect_sums(const LaneKernels& path, std::span<const SumCase> cases)
{
    const auto points = multiples_of_generator(64);
    std::vector<blst_p1_affine> raw;
    for (const auto& point : points)
        raw.push_back(point.raw());
    const auto lanes = make_lane_array(points.size());
    path.points_to_lanes(raw.data(), lanes.get(), raw.size());

    std::vector<PointRef> pairs;
    for (const auto& c : cases)
    {
        pairs.push_back(
            reinterpret_cast<PointRef>(&lanes[c.left]) | (c.left_negated ? NEGATED : 0));
        pairs.push_back(
            reinterpret_cast<PointRef>(&lanes[c.right]) | (c.right_negated ? NEGATED : 0));
    }
    const auto out = make_lane_array(cases.size());
    const auto scratch = std::make_unique<LaneScratch>();
    path.add(
        {.pairs = pairs.data(), .count = cases.size(), .out = out.get(), .scratch = scratch.get()});
    std::vector<blst_p1_affine> sums(cases.size());
    path.points_from_lanes(out.get(), sums.data(), sums.size());

    for (std::size_t i = 0; i < cases.size(); ++i)
    {
        const auto& c = cases[i];
        const G1 left{points[c.left]};
        const G1 right{points[c.right]};
        const G1 expected = (c.left_negated ? -left : left) + (c.right_negated ? -right : right);
        ASSERT_EQ(G1Affine{sums[i]}, expected.to_affine())
            << "addition " << i << " of " << cases.size() << ": " << c.left << " and " << c.right;
    }
}

TEST_P(fp_lanes, add_is_right_for_any_count)
{
    std::vector<SumCase> cases;
    for (std::size_t i = 0; i < 40; ++i)
    {
        cases.push_back({.left = i + 1,
            .right = i + 12,
            .left_negated = i % 2 == 0,
            .right_negated = i % 3 == 0});
        expect_sums(*GetParam(), cases);
    }
}

TEST_P(fp_lanes, add_is_right_around_the_size_of_a_batch)
{
    for (const auto count : {ADDITIONS_PER_INVERSION - 1, ADDITIONS_PER_INVERSION,
             ADDITIONS_PER_INVERSION + 1, 2 * ADDITIONS_PER_INVERSION + 9})
    {
        std::vector<SumCase> cases;
        for (std::size_t i = 0; i < count; ++i)
            cases.push_back({.left = 1 + i % 31,
                .right = 32 + i % 29,
                .left_negated = i % 5 == 0,
                .right_negated = i % 7 == 0});
        expect_sums(*GetParam(), cases);
    }
}

TEST_P(fp_lanes, add_is_right_for_one_special_pair_in_every_place)
{
    const std::vector<SumCase> specials = {
        {.left = 5, .right = 5, .left_negated = false, .right_negated = false},
        {.left = 5, .right = 5, .left_negated = true, .right_negated = true},
        {.left = 5, .right = 5, .left_negated = false, .right_negated = true},
        {.left = 5, .right = 5, .left_negated = true, .right_negated = false},
        {.left = 0, .right = 5, .left_negated = false, .right_negated = true},
        {.left = 0, .right = 5, .left_negated = true, .right_negated = false},
        {.left = 5, .right = 0, .left_negated = true, .right_negated = false},
        {.left = 0, .right = 0, .left_negated = false, .right_negated = true},
    };
    for (const auto& special : specials)
    {
        for (std::size_t place = 0; place < 19; ++place)
        {
            std::vector<SumCase> cases;
            for (std::size_t i = 0; i < 19; ++i)
                cases.push_back({.left = i + 1,
                    .right = i + 30,
                    .left_negated = false,
                    .right_negated = i % 2 == 0});
            cases[place] = special;
            expect_sums(*GetParam(), cases);
        }
    }
}

TEST_P(fp_lanes, add_is_right_when_every_pair_is_special)
{
    std::vector<SumCase> cases;
    for (std::size_t i = 0; i < 100; ++i)
        cases.push_back({.left = i % 4 == 0 ? 0 : i % 60,
            .right = i % 7 == 0 ? 0 : i % 60,
            .left_negated = i % 2 == 0,
            .right_negated = i % 3 == 0});
    expect_sums(*GetParam(), cases);
}

/// Sums of sums: results that are infinity, doubled or equal go on being added.
TEST_P(fp_lanes, group_sums_pass_through_infinity)
{
    const auto points = multiples_of_generator(2);
    std::vector<blst_p1_affine> raw{points[1].raw()};
    const auto lanes = make_lane_array(1);
    GetParam()->points_to_lanes(raw.data(), lanes.get(), 1);
    const auto plus = reinterpret_cast<PointRef>(lanes.get());
    const auto minus = plus | NEGATED;

    for (std::uint32_t pluses = 0; pluses <= 9; ++pluses)
    {
        for (std::uint32_t minuses = 0; minuses <= 9; ++minuses)
        {
            PointGroups groups;
            groups.counts = {0, pluses + minuses, 1, 0};
            groups.refs.assign(pluses, plus);
            groups.refs.insert(groups.refs.end(), minuses, minus);
            groups.refs.push_back(minus);
            GroupAdder adder{*GetParam()};
            adder.start(groups.refs.size());
            adder.reduce(groups);

            const auto some = pluses + minuses > 0;
            ASSERT_EQ(groups.counts, (std::vector<std::uint32_t>{0, some ? 1U : 0U, 1, 0}));
            ASSERT_EQ(groups.refs.size(), some ? 2U : 1U);
            EXPECT_EQ(groups.refs.back(), minus);
            G1 expected;
            for (std::uint32_t i = 0; i < pluses; ++i)
                expected += G1::generator();
            for (std::uint32_t i = 0; i < minuses; ++i)
                expected -= G1::generator();
            if (some)
            {
                EXPECT_EQ(G1Affine{adder.point(groups.refs.front())}, expected.to_affine());
            }
        }
    }
}

/// Compressed bytes from hexadecimal digits of x and the three flags.
Bytes48 encoding(std::span<const std::uint64_t, 6> x, std::uint8_t flags)
{
    Bytes48 out;
    for (std::size_t limb = 0; limb < 6; ++limb)
        std::ranges::copy(
            big_endian(x[5 - limb]), out.begin() + static_cast<std::ptrdiff_t>(8 * limb));
    out[0] |= static_cast<std::byte>(flags);
    return out;
}

/// Decompresses by the path and compares, one by one, with blst.
void expect_decompressed(const LaneKernels& path, const std::vector<Bytes48>& encodings)
{
    std::vector<blst_p1_affine> points(encodings.size());
    const auto valid = std::make_unique<bool[]>(encodings.size());
    path.decompress(reinterpret_cast<const std::uint8_t*>(encodings.data()), points.data(),
        valid.get(), encodings.size());
    for (std::size_t i = 0; i < encodings.size(); ++i)
    {
        const auto expected = G1Affine::decompress(encodings[i]);
        ASSERT_EQ(valid[i], expected.has_value()) << to_hex(encodings[i]);
        if (valid[i])
        {
            ASSERT_EQ(G1Affine{points[i]}, *expected) << to_hex(encodings[i]);
        }
    }
}

TEST_P(fp_lanes, decompress_takes_points_of_both_signs_in_any_number)
{
    std::vector<Bytes48> encodings;
    for (const auto& point : multiples_of_generator(20))
    {
        encodings.push_back(point.compress());
        encodings.push_back((-G1{point}).compress());
        expect_decompressed(*GetParam(), encodings);
    }
}

TEST_P(fp_lanes, decompress_agrees_with_blst_on_every_flag_and_edge_of_x)
{
    std::vector<Bytes48> encodings;
    const auto generator = G1::generator().compress();
    for (unsigned flags = 0; flags < 256; flags += 32)
    {
        for (const auto& x : {Integer{}, Integer{1}, Integer{4}, P, minus_small(P, 1),
                 minus_small(P, 2), Integer{~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL, P[5]},
                 Integer{~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL >> 3}})
            encodings.push_back(encoding(x, static_cast<std::uint8_t>(flags)));
        auto flagged = generator;
        flagged[0] = (flagged[0] & std::byte{0x1f}) | static_cast<std::byte>(flags);
        encodings.push_back(flagged);
    }
    expect_decompressed(*GetParam(), encodings);
}

// Of the curve's points nearly all are outside G1, and half of all x have none.
TEST_P(fp_lanes, decompress_refuses_points_outside_the_subgroup)
{
    std::vector<Bytes48> encodings;
    for (std::uint64_t x = 0; x < 300; ++x)
    {
        encodings.push_back(encoding(Integer{x}, 0x80));
        encodings.push_back(encoding(Integer{x}, 0xa0));
    }
    expect_decompressed(*GetParam(), encodings);
}

// Orders dividing the cofactor, 3 and 11 among them: double-and-add meets equal, opposite and
// infinite points there.
TEST_P(fp_lanes, decompress_refuses_points_of_small_order)
{
    // r and the cofactor (z − 1)²/3, z = −0xd201000000010000; least significant byte first.
    const auto order = (-Fr::one()).to_scalar();
    auto r = std::to_array(order.b);
    ++r[0];
    constexpr std::array<std::uint64_t, 2> COFACTOR = {0x8c00aaab0000aaab, 0x396c8c005555e156};
    std::vector<Bytes48> encodings;
    for (std::uint64_t x = 0; encodings.size() < 40; ++x)
    {
        const auto bytes = encoding(Integer{x}, 0x80);
        blst_p1_affine affine;
        if (blst_p1_uncompress(&affine, reinterpret_cast<const byte*>(bytes.data())) !=
            BLST_SUCCESS)
            continue;
        // Killing r leaves a point whose order divides the cofactor; what is left after one of
        // its prime factors is killed too has a smaller one.
        blst_p1 point;
        blst_p1_from_affine(&point, &affine);
        blst_p1_mult(&point, &point, r.data(), 255);
        for (const std::uint64_t factor : {1U, 3U, 11U, 33U, 10177U, 859267U, 52437899U})
        {
            // The cofactor is 3·11²·10177²·859267²·52437899² (all prime).
            blst_p1 multiple = point;
            std::array<byte, 16> rest{};
            __extension__ using Wide = unsigned __int128;
            Wide quotient = (Wide{COFACTOR[1]} << 64 | COFACTOR[0]) / factor;
            ASSERT_EQ(quotient * factor, (Wide{COFACTOR[1]} << 64 | COFACTOR[0]));
            for (auto& digit : rest)
            {
                digit = static_cast<byte>(quotient);
                quotient >>= 8;
            }
            blst_p1_mult(&multiple, &multiple, rest.data(), 128);
            if (!blst_p1_is_inf(&multiple))
                encodings.push_back(G1{multiple}.compress());
        }
        encodings.push_back(G1{point}.compress());
    }
    for (const auto& bytes : encodings)
        EXPECT_FALSE(G1Affine::decompress(bytes));
    expect_decompressed(*GetParam(), encodings);
}

TEST(fp_lanes_choice, is_a_path_that_the_cpu_has)
{
    const auto& chosen = lane_kernels();

    const auto* const wide = ifma_lanes() != nullptr ? ifma_lanes() : avx2_lanes();
    EXPECT_EQ(&chosen, wide != nullptr ? wide : &portable_lanes());
}

}  // namespace
}  // namespace ashlar
