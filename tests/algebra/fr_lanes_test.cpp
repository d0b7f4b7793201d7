#include "algebra/fr_lanes.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "algebra/fr.hpp"
#include "base/random.hpp"

namespace ashlar
{
namespace
{

constexpr std::size_t BLOCKS = 3;
constexpr std::size_t COUNT = BLOCKS * FR_BLOCK_ELEMENTS;

/// A row in some path's form, with the alignment that paths ask for.
class Row
{
public:
    explicit Row(const FrLaneKernels& kernels) : words_(kernels.block_words * BLOCKS + 8) {}

    std::uint64_t* data()
    {
        void* start = words_.data();
        auto room = words_.size() * sizeof(std::uint64_t);
        return static_cast<std::uint64_t*>(std::align(64, room - 64, start, room));
    }

private:
    std::vector<std::uint64_t> words_;
};

const blst_fr* raw(const Fr& w)
{
    static_assert(sizeof(Fr) == sizeof(blst_fr));
    return reinterpret_cast<const blst_fr*>(&w);
}

Bytes bytes_of(std::span<const Fr> values)
{
    Bytes out;
    for (const auto& value : values)
        append(out, value.to_bytes());
    return out;
}

/// The edges of the field among random elements.
std::vector<Fr> values(std::uint64_t seed)
{
    SeededRandom random{seed};
    std::vector<Fr> out{Fr{}, Fr::one(), -Fr::one(), -Fr::from_u64(2)};
    while (out.size() < COUNT)
    {
        Bytes64 bytes;
        random.fill(bytes);
        out.push_back(Fr::reduce(std::span<const std::byte, 64>{bytes}));
    }
    std::rotate(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(seed % COUNT), out.end());
    return out;
}

class FrLanes : public testing::TestWithParam<const FrLaneKernels*>
{
protected:
    void SetUp() override
    {
        if (GetParam() == nullptr)
            GTEST_SKIP() << "this CPU has no such lanes";
    }

    Row loaded(std::span<const Fr> elements) const
    {
        Row row{*GetParam()};
        const auto bytes = bytes_of(elements);
        EXPECT_EQ(GetParam()->load(
                      reinterpret_cast<const std::uint8_t*>(bytes.data()), row.data(), BLOCKS),
            COUNT);
        return row;
    }

    Bytes stored(Row& row, const Fr& w = Fr::one()) const
    {
        Bytes out(COUNT * 32);
        GetParam()->store(row.data(), raw(w), reinterpret_cast<std::uint8_t*>(out.data()), BLOCKS);
        return out;
    }
};

TEST_P(FrLanes, store_of_loaded_gives_the_same_bytes_and_multiplies)
{
    const auto elements = values(1);
    auto row = loaded(elements);
    EXPECT_EQ(stored(row), bytes_of(elements));

    auto products = elements;
    const Fr w = values(2).back();
    for (auto& value : products)
        value *= w;
    EXPECT_EQ(stored(row, w), bytes_of(products));
}

TEST_P(FrLanes, load_names_the_first_element_not_below_the_modulus)
{
    const auto modulus =
        array_from_hex<32>("73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001")
            .value();
    Row row{*GetParam()};
    for (const auto& bad : {modulus, array_from_hex<32>(std::string(64, 'f')).value()})
    {
        for (std::size_t e = 0; e < COUNT; ++e)
        {
            auto bytes = bytes_of(values(3));
            std::ranges::copy(bad, bytes.begin() + static_cast<std::ptrdiff_t>(32 * e));
            EXPECT_EQ(GetParam()->load(
                          reinterpret_cast<const std::uint8_t*>(bytes.data()), row.data(), BLOCKS),
                e);
        }
    }
}

// Nothing is reduced on the way, so bounds pile up to the greatest: 1 at first, 2 and 4 by the
// first two stages, 2 by each other one.
TEST_P(FrLanes, butterflies_equal_field_arithmetic_up_to_the_greatest_bound)
{
    constexpr std::uint64_t LEVELS = 2 + (LANE_BOUND_MAX - 1 - 2 - 4) / 2;
    auto a = values(4);
    auto b = values(5);
    auto lanes_a = loaded(a);
    auto lanes_b = loaded(b);
    for (const unsigned bound : {2U, 4U})
    {
        for (std::size_t i = 0; i < COUNT; ++i)
        {
            const Fr sum = a[i] + b[i];
            b[i] = a[i] - b[i];
            a[i] = sum;
        }
        GetParam()->add_subtract(lanes_a.data(), lanes_b.data(), bound, BLOCKS);
    }
    for (std::uint64_t level = 2; level < LEVELS; ++level)
    {
        const Fr w = level % 5 == 0 ? -Fr::one() : values(level).back();
        for (std::size_t i = 0; i < COUNT; ++i)
        {
            const Fr product = b[i] * w;
            b[i] = a[i] - product;
            a[i] += product;
        }
        GetParam()->butterfly(lanes_a.data(), lanes_b.data(), raw(w), BLOCKS);
    }
    EXPECT_EQ(stored(lanes_a), bytes_of(a));
    EXPECT_EQ(stored(lanes_b), bytes_of(b));
}

TEST_P(FrLanes, scale_and_accumulate_equal_field_arithmetic)
{
    auto a = values(6);
    const auto b = values(7);
    auto lanes_a = loaded(a);
    auto lanes_b = loaded(b);
    for (unsigned n = 0; n < 2 * ACCUMULATIONS_MAX; ++n)
    {
        const Fr w = values(n).front();
        for (std::size_t i = 0; i < COUNT; ++i)
            a[i] += b[i] * w;
        GetParam()->accumulate(lanes_a.data(), lanes_b.data(), raw(w), BLOCKS);
        if (n % ACCUMULATIONS_MAX == ACCUMULATIONS_MAX - 1)
            GetParam()->scale(lanes_a.data(), raw(Fr::one()), BLOCKS);
    }
    EXPECT_EQ(stored(lanes_a), bytes_of(a));
}

INSTANTIATE_TEST_SUITE_P(all, FrLanes,
    testing::Values(&portable_fr_lanes(), avx2_fr_lanes(), ifma_fr_lanes()), [](const auto& suite) {
        const auto* const lanes = suite.index == 1 ? "avx2fma" : "avx512ifma";
        return std::string{suite.index == 0 ? "portable" : lanes};
    });

}  // namespace
}  // namespace ashlar
