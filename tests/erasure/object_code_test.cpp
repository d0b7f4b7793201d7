#include "erasure/object_code.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "algebra/fft.hpp"
#include "tests/support/memory_blobs.hpp"

namespace ashlar
{
namespace
{

using test::MemoryBlobs;

ObjectShape shape_of(std::uint64_t data, std::uint64_t parity)
{
    return ObjectShape::make({.data_blobs = data, .parity_blobs = parity, .group_parities = 2})
        .value();
}

/// One range of columns of many blobs, in memory.
class CellColumn final : public SliceReader, public SliceWriter
{
public:
    CellColumn(std::uint64_t count, ColumnRange columns)
      : columns_{columns}, blobs_(static_cast<std::size_t>(count), Bytes(columns.count() * 32))
    {}

    [[nodiscard]] Result<void> read(
        std::uint64_t stored, std::size_t begin, std::span<std::byte> out) const override
    {
        std::ranges::copy(
            ByteView{blobs_[stored]}.subspan((begin - columns_.begin) * 32, out.size()),
            out.begin());
        return {};
    }
    [[nodiscard]] Result<void> write(
        std::uint64_t stored, std::size_t begin, ByteView bytes) override
    {
        std::ranges::copy(bytes, &blobs_[stored][(begin - columns_.begin) * 32]);
        return {};
    }

    void fill(std::uint64_t stored, SeededRandom& random)
    {
        random.fill(blobs_[stored]);
        for (std::size_t e = 0; e < columns_.count(); ++e)
            blobs_[stored][32 * e] = std::byte{0};
    }
    [[nodiscard]] Fr element(std::uint64_t stored, std::size_t e) const
    {
        return Fr::parse(ByteView{blobs_[stored]}.subspan(32 * e).first<32>()).value();
    }
    [[nodiscard]] const Bytes& bytes(std::uint64_t stored) const { return blobs_[stored]; }

private:
    ColumnRange columns_;
    std::vector<Bytes> blobs_;
};

/// An encoded object of random payload blobs.
struct Encoded
{
    ObjectShape shape;
    MemoryBlobs blobs;
};

Encoded encoded(std::uint64_t data, std::uint64_t parity, std::uint64_t seed = 1)
{
    Encoded object{shape_of(data, parity), MemoryBlobs{data + parity}};
    SeededRandom random{seed};
    for (std::uint64_t t = 0; t < data; ++t)
        test::fill_payload_blob(object.blobs[t], random);
    EXPECT_TRUE(encode_object(object.shape, object.blobs, object.blobs));
    return object;
}

Fr element(const Bytes& blob, std::size_t e)
{
    return Fr::parse(ByteView{blob}.subspan(e * BYTES_PER_ELEMENT).first<32>()).value();
}

/// Slow twin: Lagrange interpolation through positions 0 … D−1, straight from the definition.
Fr interpolate(const Encoded& object, std::size_t e, std::uint64_t position)
{
    const FftDomain codeword{static_cast<std::size_t>(object.shape.position_count())};
    const Fr x = codeword.point(position);
    Fr sum;
    for (std::uint64_t i = 0; i < object.shape.data_blobs(); ++i)
    {
        Fr term = element(object.blobs[i], e);
        for (std::uint64_t k = 0; k < object.shape.domain(); ++k)
        {
            if (k != i)
                term *= (x - codeword.point(k)) * (codeword.point(i) - codeword.point(k)).inverse();
        }
        sum += term;
    }
    return sum;
}

/// `present` with exactly `keep` flags set, chosen at random.
std::vector<std::uint8_t> random_survivors(
    std::size_t total, std::size_t keep, SeededRandom& random)
{
    std::vector<std::uint8_t> present(total, 1);
    for (std::size_t lost = 0; lost < total - keep;)
    {
        auto& flag = present[random.below(total)];
        lost += flag;
        flag = 0;
    }
    return present;
}

std::vector<std::uint64_t> missing_of(const std::vector<std::uint8_t>& present)
{
    std::vector<std::uint64_t> out;
    for (std::size_t t = 0; t < present.size(); ++t)
    {
        if (present[t] == 0)
            out.push_back(t);
    }
    return out;
}

void expect_all_come_back(const Encoded& object, const std::vector<std::uint8_t>& present)
{
    auto damaged = object.blobs;
    const auto wanted = missing_of(present);
    for (const auto t : wanted)
        std::ranges::fill(damaged[t], std::byte{0xff});
    MemoryBlobs rebuilt{object.shape.stored_count()};
    const auto done = decode_object(object.shape, damaged, present, wanted, rebuilt);
    ASSERT_TRUE(done) << done.error().message;
    for (const auto t : wanted)
        ASSERT_EQ(rebuilt[t], object.blobs[t]) << "blob " << t;
}

}  // namespace

TEST(object_code, encode_equals_interpolation_by_definition)
{
    const auto object = encoded(5, 9);

    for (const std::size_t e : {0u, 1u, 4095u})
    {
        for (std::uint64_t p = 0; p < object.shape.parity_blobs(); ++p)
        {
            const auto t = object.shape.data_blobs() + p;
            EXPECT_EQ(
                element(object.blobs[t], e), interpolate(object, e, object.shape.position_of(t)));
        }
    }
}

TEST(object_code, encode_gives_same_parity_whatever_the_memory)
{
    const auto object = encoded(17, 32);
    MemoryBlobs again{object.shape.stored_count()};

    ASSERT_TRUE(
        encode_object(object.shape, object.blobs, again, {.memory_bytes = 1, .progress = {}}));

    for (auto t = object.shape.data_blobs(); t < object.shape.stored_count(); ++t)
        ASSERT_EQ(again[t], object.blobs[t]);
}

TEST(object_code, encode_refuses_element_at_modulus)
{
    const auto shape = shape_of(2, 2);
    MemoryBlobs blobs{4};
    const auto modulus =
        array_from_hex<32>("73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001")
            .value();
    std::ranges::copy(modulus, blobs[1].begin() + 7 * 32);

    const auto done = encode_object(shape, blobs, blobs);

    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::invalid_input);
    EXPECT_NE(done.error().message.find("element 7 of blob 1"), std::string::npos);
}

TEST(object_code, encode_stops_when_cancelled)
{
    const auto shape = shape_of(3, 3);
    MemoryBlobs blobs{6};
    std::atomic<int> calls{0};
    const auto cancel = [&](std::size_t) { return ++calls < 2; };

    const auto done =
        encode_object(shape, blobs, blobs, {.memory_bytes = 1ULL << 30, .progress = cancel});

    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::unavailable);
    EXPECT_LT(calls.load(), 60);
}

TEST(object_code, decode_restores_any_loss_of_p_for_many_shapes)
{
    SeededRandom random{7};
    for (const auto data : {1u, 2u, 15u, 16u, 17u, 33u})
    {
        const auto parity = ObjectShape::default_parity_blobs(data);
        const auto object = encoded(data, parity, data);
        expect_all_come_back(
            object, random_survivors(object.blobs.size(), static_cast<std::size_t>(data), random));
    }
}

TEST(object_code, decode_restores_from_parity_alone)
{
    const auto object = encoded(16, 16);
    std::vector<std::uint8_t> present(32, 0);
    std::fill(present.begin() + 16, present.end(), std::uint8_t{1});

    expect_all_come_back(object, present);
}

TEST(object_code, decode_restores_with_fewer_parity_blobs_than_domain)
{
    SeededRandom random{9};
    const auto object = encoded(20, 3);

    expect_all_come_back(object, random_survivors(23, 20, random));
}

TEST(object_code, decode_with_nothing_lost_copies_what_is_wanted)
{
    const auto object = encoded(4, 16);
    const std::vector<std::uint8_t> present(20, 1);
    MemoryBlobs copied{20};

    ASSERT_TRUE(decode_object(
        object.shape, object.blobs, present, std::vector<std::uint64_t>{3, 19}, copied));

    EXPECT_EQ(copied[3], object.blobs[3]);
    EXPECT_EQ(copied[19], object.blobs[19]);
}

// Random shapes and losses, by sums and by transforms, on one cell column and with little memory:
// parity must be what the generic transform gives column by column, and any K blobs must give back
// the rest.
TEST(object_code, encode_and_decode_equal_scalar_codeword_for_random_shapes)
{
    SeededRandom random{13};
    for (int round = 0; round < 24; ++round)
    {
        const auto data = 1 + random.below(80);
        const auto parity = 1 + random.below(domain_for(data));
        const CodeOptions options{.memory_bytes = random.below(1 << 20),
            .progress = {},
            .columns = {.begin = 64 * random.below(63), .end = 0}};
        auto narrow = options;
        narrow.columns.end = narrow.columns.begin + 64;
        Encoded object{shape_of(data, parity), MemoryBlobs{data + parity}};
        for (std::uint64_t t = 0; t < data; ++t)
            test::fill_payload_blob(object.blobs[t], random);
        ASSERT_TRUE(encode_object(object.shape, object.blobs, object.blobs, narrow));

        const auto e = narrow.columns.begin + random.below(64);
        std::vector<Fr> column(static_cast<std::size_t>(object.shape.domain()));
        for (std::uint64_t t = 0; t < data; ++t)
            column[t] = element(object.blobs[t], e);
        extend_to_coset(Elements<Fr>{column}, FftDomain{column.size()});
        for (std::uint64_t p = 0; p < parity; ++p)
            ASSERT_EQ(element(object.blobs[data + p], e), column[p]) << data << "+" << parity;

        const auto present = random_survivors(
            object.blobs.size(), static_cast<std::size_t>(data + random.below(parity)), random);
        auto wanted = missing_of(present);
        wanted.resize(std::min<std::size_t>(wanted.size(), 1 + random.below(40)));
        auto damaged = object.blobs;
        for (const auto t : missing_of(present))
            std::ranges::fill(damaged[t], std::byte{0xff});
        MemoryBlobs rebuilt{object.shape.stored_count()};
        ASSERT_TRUE(decode_object(object.shape, damaged, present, wanted, rebuilt, narrow));
        const auto begin = static_cast<std::ptrdiff_t>(narrow.columns.begin * 32);
        for (const auto t : wanted)
            ASSERT_TRUE(std::equal(rebuilt[t].begin() + begin, rebuilt[t].begin() + begin + 64 * 32,
                object.blobs[t].begin() + begin))
                << data << "+" << parity << ", blob " << t;
    }
}

// 4,100 data blobs, one cell column and a memory of 1 MiB: three passes through a scratch file.
TEST(object_code, encode_and_decode_through_a_scratch_file)
{
    constexpr std::uint64_t DATA = 4100;
    const auto shape = shape_of(DATA, 40);
    const CodeOptions options{
        .memory_bytes = 1 << 20, .progress = {}, .columns = {.begin = 128, .end = 192}};
    SeededRandom random{14};
    CellColumn blobs{shape.stored_count(), options.columns};
    for (std::uint64_t t = 0; t < DATA; ++t)
        blobs.fill(t, random);
    ASSERT_TRUE(encode_object(shape, blobs, blobs, options));

    std::vector<Fr> column(static_cast<std::size_t>(shape.domain()));
    for (std::uint64_t t = 0; t < DATA; ++t)
        column[t] = blobs.element(t, 5);
    extend_to_coset(Elements<Fr>{column}, FftDomain{column.size()});
    for (std::uint64_t p = 0; p < shape.parity_blobs(); ++p)
        ASSERT_EQ(blobs.element(DATA + p, 5), column[p]);

    // 40 blobs are past what sums are made for.
    const auto present = random_survivors(shape.stored_count(), DATA, random);
    const auto wanted = missing_of(present);
    CellColumn rebuilt{shape.stored_count(), options.columns};
    ASSERT_TRUE(decode_object(shape, blobs, present, wanted, rebuilt, options));
    for (const auto t : wanted)
        ASSERT_EQ(rebuilt.bytes(t), blobs.bytes(t)) << "blob " << t;
}

// 500 data blobs: exactly K positions decode, K − 1 give a clear error.
TEST(object_code, decode_at_k_and_one_short_for_500_blobs)
{
    constexpr std::uint64_t DATA = 500;
    SeededRandom random{11};
    const auto object = encoded(DATA, ObjectShape::default_parity_blobs(DATA));
    auto present = random_survivors(object.blobs.size(), DATA, random);
    // Two data blobs are enough to compare, and keep the test short.
    const auto lost = missing_of(present);
    const std::vector<std::uint64_t> wanted{lost.front(), lost.back()};
    MemoryBlobs rebuilt{object.shape.stored_count()};

    ASSERT_TRUE(decode_object(object.shape, object.blobs, present, wanted, rebuilt));
    for (const auto t : wanted)
        EXPECT_EQ(rebuilt[t], object.blobs[t]);

    *std::ranges::find(present, std::uint8_t{1}) = 0;
    const auto short_of_one = decode_object(object.shape, object.blobs, present, wanted, rebuilt);
    ASSERT_FALSE(short_of_one);
    EXPECT_EQ(short_of_one.error().kind, ErrorKind::insufficient);
    EXPECT_NE(short_of_one.error().message.find("499 of 1000"), std::string::npos)
        << short_of_one.error().message;
}

}  // namespace ashlar
