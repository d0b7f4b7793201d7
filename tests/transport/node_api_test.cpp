#include "transport/node_api.hpp"

#include <gtest/gtest.h>

#include "transport/wire.hpp"

namespace ashlar::test
{

// The worked example of docs/formats/reservation.md.
TEST(node_api, reservation_digest_is_that_of_the_format)
{
    const auto committee_root =
        array_from_hex<32>("71d07953cfcb776e18e46b8bd3c658faa7e2c17c3564c5fa3074c1374751c235")
            .value();
    const auto object_root =
        array_from_hex<32>("525023ae625e93247c0c1493455b91f13e3f0084fae433c60afc4abd9817150d")
            .value();
    EXPECT_EQ(to_hex(reservation_digest(committee_root, object_root, 1'893'456'000)),
        "e65c21b278453f74fb1fee3dfc2be3669931d8a829b211919ecccb7acef23489");
}

TEST(node_api, metadata_sizes_follow_from_the_shape)
{
    const auto shape =
        ObjectShape::make({.data_blobs = 3, .parity_blobs = 13, .group_parities = 2}).value();
    const auto sizes = MetadataSizes::of(shape);
    EXPECT_EQ(sizes.commitments, 48u * (3 + 16));
    EXPECT_EQ(sizes.group_parity_hashes, 32u * shape.local_parity_count());
}

TEST(wire, array_field_takes_exactly_its_length)
{
    EXPECT_TRUE(array_field<3>("abc", "field", ErrorKind::invalid_input));
    for (const auto* text : {"", "ab", "abcd"})
    {
        const auto field = array_field<3>(text, "field", ErrorKind::proof_invalid);
        ASSERT_FALSE(field);
        EXPECT_EQ(field.error().kind, ErrorKind::proof_invalid);
    }
}

}  // namespace ashlar::test
