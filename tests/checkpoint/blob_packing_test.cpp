#include "checkpoint/blob_packing.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ashlar
{
namespace
{

TEST(blob_packing, pack_elements_puts_a_zero_before_each_31_bytes)
{
    Bytes payload(62);
    for (std::size_t i = 0; i < payload.size(); ++i)
        payload[i] = static_cast<std::byte>(i + 1);
    Bytes elements(64, std::byte{0xee});

    pack_elements(payload, elements);

    EXPECT_EQ(elements[0], std::byte{0});
    EXPECT_EQ(elements[1], std::byte{1});
    EXPECT_EQ(elements[31], std::byte{31});
    EXPECT_EQ(elements[32], std::byte{0});
    EXPECT_EQ(elements[33], std::byte{32});
    EXPECT_EQ(elements[63], std::byte{62});
}

TEST(blob_packing, unpack_elements_accepts_the_greatest_element_and_refuses_the_next)
{
    Bytes elements(BYTES_PER_BLOB, std::byte{0xff});
    for (std::size_t e = 0; e < ELEMENTS_PER_BLOB; ++e)
        elements[e * BYTES_PER_ELEMENT] = std::byte{0};
    Bytes payload(PAYLOAD_BYTES_PER_BLOB);

    EXPECT_TRUE(unpack_elements(elements, payload));
    EXPECT_EQ(payload, Bytes(PAYLOAD_BYTES_PER_BLOB, std::byte{0xff}));

    for (const std::size_t e : {std::size_t{0}, std::size_t{1}, ELEMENTS_PER_BLOB - 1})
    {
        auto hostile = elements;
        hostile[e * BYTES_PER_ELEMENT] = std::byte{1};
        const auto unpacked = unpack_elements(hostile, payload);
        ASSERT_FALSE(unpacked);
        EXPECT_EQ(unpacked.error().kind, ErrorKind::invalid_input);
    }
}

TEST(blob_packing, pack_elements_of_nothing_is_nothing)
{
    pack_elements({}, {});
    EXPECT_TRUE(unpack_elements({}, {}));
}

RC_GTEST_PROP(blob_packing, unpack_elements_inverts_pack_elements, ())
{
    const auto count = *rc::gen::inRange<std::size_t>(0, 40);
    const auto values = *rc::gen::container<std::vector<unsigned char>>(
        count * PAYLOAD_BYTES_PER_ELEMENT, rc::gen::arbitrary<unsigned char>());
    const auto payload = std::as_bytes(std::span{values});
    Bytes elements(count * BYTES_PER_ELEMENT);
    Bytes back(payload.size());

    pack_elements(payload, elements);

    RC_ASSERT(unpack_elements(elements, back).has_value());
    RC_ASSERT(equal(back, payload));
}

}  // namespace
}  // namespace ashlar
