#include "erasure/group_code.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace ashlar
{
namespace
{

using State = GroupSlot::State;

/// GF(2⁸) with polynomial 0x11d by shift and add: the slow twin of ISA-L's tables.
unsigned multiply(unsigned a, unsigned b)
{
    unsigned product = 0;
    for (; b != 0; b >>= 1)
    {
        if ((b & 1) != 0)
            product ^= a;
        a <<= 1;
        if ((a & 0x100) != 0)
            a ^= 0x11d;
    }
    return product;
}

unsigned inverse(unsigned a)
{
    for (unsigned b = 1; b < 256; ++b)
    {
        if (multiply(a, b) == 1)
            return b;
    }
    return 0;
}

/// 8 members and L parities in one place.
class Group
{
public:
    Group(std::size_t members, std::size_t parities, std::uint64_t seed)
      : buffers_(RUNS_PER_STRIPE + parities, Bytes(BYTES_PER_BLOB)), members_{members}
    {
        SeededRandom random{seed};
        GroupMembers inputs;
        for (std::size_t i = 0; i < members; ++i)
        {
            random.fill(buffers_[i]);
            inputs[i] = ConstBlobBuffer{buffers_[i]};
        }
        std::vector<BlobBuffer> outputs;
        for (std::size_t l = 0; l < parities; ++l)
            outputs.emplace_back(buffers_[RUNS_PER_STRIPE + l]);
        encode_group(inputs, outputs);
    }

    [[nodiscard]] const Bytes& slot(std::size_t s) const { return buffers_[s]; }
    [[nodiscard]] std::size_t slots() const { return buffers_.size(); }
    [[nodiscard]] std::size_t members() const { return members_; }

private:
    std::vector<Bytes> buffers_;
    std::size_t members_;
};

void expect_repair(const Group& group, std::span<const std::size_t> lost)
{
    std::vector<Bytes> copies;
    for (std::size_t s = 0; s < group.slots(); ++s)
        copies.push_back(group.slot(s));
    std::vector<GroupSlot> slots;
    for (std::size_t s = 0; s < group.slots(); ++s)
    {
        const bool zero = s >= group.members() && s < RUNS_PER_STRIPE;
        slots.push_back({zero ? State::zero : State::present, copies[s]});
    }
    for (const auto s : lost)
    {
        std::ranges::fill(copies[s], std::byte{0xee});
        slots[s].state = State::wanted;
    }
    ASSERT_TRUE(repair_group(slots));
    for (const auto s : lost)
        ASSERT_EQ(copies[s], group.slot(s)) << "slot " << s;
}

}  // namespace

TEST(group_code, encode_equals_cauchy_rows_by_definition)
{
    const Group group{8, 4, 1};

    for (std::size_t l = 0; l < 4; ++l)
    {
        for (const std::size_t at : {std::size_t{0}, std::size_t{77}, BYTES_PER_BLOB - 1})
        {
            unsigned expected = 0;
            for (std::size_t i = 0; i < 8; ++i)
                expected ^= multiply(inverse(static_cast<unsigned>((8 + l) ^ i)),
                    std::to_integer<unsigned>(group.slot(i)[at]));
            EXPECT_EQ(std::to_integer<unsigned>(group.slot(8 + l)[at]), expected);
        }
    }
}

TEST(group_code, repair_restores_every_pair_with_two_parities)
{
    const Group group{8, 2, 2};
    for (std::size_t a = 0; a < group.slots(); ++a)
    {
        for (std::size_t b = a; b < group.slots(); ++b)
        {
            const std::size_t pair[] = {a, b};
            expect_repair(group, std::span{pair}.first(a == b ? 1 : 2));
        }
    }
}

TEST(group_code, repair_restores_in_a_short_group)
{
    const Group group{3, 2, 3};
    const std::size_t lost[] = {0, 2};
    expect_repair(group, lost);
}

TEST(group_code, repair_fails_one_past_l_and_leaves_buffers_unchanged)
{
    const Group group{8, 2, 4};
    Bytes buffer(BYTES_PER_BLOB, std::byte{0x5a});
    std::vector<Bytes> copies;
    for (std::size_t s = 0; s < group.slots(); ++s)
        copies.push_back(group.slot(s));
    std::vector<GroupSlot> slots;
    for (auto& copy : copies)
        slots.push_back({State::present, copy});
    slots[0] = {State::wanted, buffer};
    slots[1] = {State::absent, {}};
    slots[2] = {State::absent, {}};

    const auto repaired = repair_group(slots);

    ASSERT_FALSE(repaired);
    EXPECT_EQ(repaired.error().kind, ErrorKind::insufficient);
    EXPECT_EQ(buffer, Bytes(BYTES_PER_BLOB, std::byte{0x5a}));
}

}  // namespace ashlar
