#include "commitments/blob.hpp"

#include <gtest/gtest.h>

#include "tests/commitments/test_blobs.hpp"
#include "tests/oracle/naive.hpp"

namespace ashlar
{
namespace
{

TEST(blob, parse_gives_elements_in_order)
{
    const auto blob = test::sparse_blob();

    const auto elements = BlobElements::parse(test::view(blob)).value();

    EXPECT_EQ(elements.values()[0], Fr::from_u64(7));
    EXPECT_EQ(elements.values()[1], Fr::from_u64(8));
    EXPECT_TRUE(elements.values()[2].is_zero());
    EXPECT_EQ(elements.values()[4095], Fr::from_u64(4102));
}

TEST(blob, parse_accepts_the_greatest_element_and_refuses_the_modulus)
{
    for (const std::size_t e : {0U, 1234U, 4095U})
    {
        auto blob = test::random_blob(e);
        test::set_element(blob, e, test::greatest_element());
        EXPECT_TRUE(BlobElements::parse(test::view(blob)));

        test::set_element(blob, e, test::modulus());
        const auto refused = BlobElements::parse(test::view(blob));
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().kind, ErrorKind::invalid_input);
        EXPECT_NE(refused.error().message.find(fmt::format("element {} ", e)), std::string::npos);
    }
}

TEST(blob, domain_points_are_bit_reversed_roots)
{
    for (const std::size_t e : {0U, 1U, 2U, 3U, 4095U})
        EXPECT_EQ(blob_domain().point(e), naive::point_of(e, ELEMENTS_PER_BLOB));
}

}  // namespace
}  // namespace ashlar
