#include "commitments/trusted_setup.hpp"

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "base/cache.hpp"
#include "commitments/blob.hpp"
#include "tests/oracle/naive.hpp"
#include "tests/support/scoped_environment.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ashlar
{
namespace
{

std::string setup_text()
{
    std::ifstream file{ASHLAR_TRUSTED_SETUP_PATH, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

TEST(trusted_setup, parse_accepts_the_ceremony_text)
{
    const auto setup = TrustedSetup::parse(setup_text());

    ASSERT_TRUE(setup) << setup.error().message;
    EXPECT_EQ(setup->lagrange().size(), SETUP_G1_POINTS);
    EXPECT_EQ(setup->monomial().size(), SETUP_G1_POINTS);
    EXPECT_EQ(setup->monomial_g2().size(), SETUP_G2_POINTS);
}

// The one instance is from the cache, or will be in the next process.
TEST(trusted_setup, the_instance_has_the_points_of_the_text)
{
    const auto parsed = TrustedSetup::parse(setup_text()).value();
    const auto& setup = TrustedSetup::ethereum();

    EXPECT_TRUE(std::ranges::equal(setup.lagrange(), parsed.lagrange()));
    EXPECT_TRUE(std::ranges::equal(setup.monomial(), parsed.monomial()));
    EXPECT_TRUE(std::ranges::equal(setup.monomial_g2(), parsed.monomial_g2()));
}

// As points in another order would be, were their file found under this name.
TEST(trusted_setup, cached_bytes_that_are_not_the_points_of_the_text_are_made_again)
{
    const test::TemporaryFolder folder;
    test::ScopedEnvironment environment;
    environment.set("ASHLAR_CACHE_DIR", folder.path().native());
    (void)TrustedSetup::load();
    const std::filesystem::directory_iterator file{folder.path()};
    const auto name = file->path().filename().native();
    constexpr auto G1_BYTES = SETUP_G1_POINTS * sizeof(G1Affine);
    Bytes good(2 * G1_BYTES + SETUP_G2_POINTS * sizeof(G2Affine));
    ASSERT_TRUE(read_cache(name, good));

    for (const std::size_t list_begin : {std::size_t{0}, G1_BYTES, 2 * G1_BYTES})
    {
        const bool is_g2 = list_begin == 2 * G1_BYTES;
        auto bad = good;
        const auto list =
            std::span{bad}.subspan(list_begin, is_g2 ? good.size() - list_begin : G1_BYTES);
        std::ranges::rotate(list, list.begin() + (is_g2 ? sizeof(G2Affine) : sizeof(G1Affine)));
        write_cache(name, bad);

        (void)TrustedSetup::load();

        Bytes mended(good.size());
        ASSERT_TRUE(read_cache(name, mended));
        EXPECT_EQ(mended, good);
    }
}

TEST(trusted_setup, parse_refuses_any_other_text)
{
    const auto good = setup_text();
    auto one_digit_changed = good;
    one_digit_changed[good.size() / 2] = one_digit_changed[good.size() / 2] == '0' ? '1' : '0';

    for (const auto& text :
        {std::string{}, one_digit_changed, good + "\n", good.substr(0, good.size() - 1)})
    {
        const auto setup = TrustedSetup::parse(text);
        ASSERT_FALSE(setup);
        EXPECT_EQ(setup.error().kind, ErrorKind::invalid_input);
    }
}

TEST(trusted_setup, powers_start_at_the_generators)
{
    const auto& setup = TrustedSetup::ethereum();

    EXPECT_EQ(setup.monomial().front(), G1::generator().to_affine());
    EXPECT_EQ(setup.monomial_g2().front(), G2Affine::generator());
}

TEST(trusted_setup, every_power_is_tau_times_the_one_before)
{
    const auto& setup = TrustedSetup::ethereum();
    const auto g1 = setup.monomial();
    const auto g2 = setup.monomial_g2();

    for (const std::size_t i : {0U, 1U, 63U, 2047U, 4094U})
        EXPECT_TRUE(pairings_equal(g1[i + 1], g2[0], g1[i], g2[1])) << i;
    for (std::size_t i = 0; i + 1 < g2.size(); ++i)
        EXPECT_TRUE(pairings_equal(g1[0], g2[i + 1], g1[1], g2[i])) << i;
}

// Interpolation in the exponent: the polynomial 1 is 1 everywhere, and X is ωᵢ at element i, so
// both orders of the points and of the elements must agree.
TEST(trusted_setup, lagrange_points_interpolate_in_element_order)
{
    const auto& setup = TrustedSetup::ethereum();

    G1 ones;
    for (const auto& point : setup.lagrange())
        ones += point;
    std::vector<Fr> identity;
    for (std::size_t i = 0; i < ELEMENTS_PER_BLOB; ++i)
        identity.push_back(blob_domain().point(i));
    const auto tau = naive::sum_of_products(setup.lagrange(), identity);

    EXPECT_EQ(ones.to_affine(), setup.monomial()[0]);
    EXPECT_EQ(tau.to_affine(), setup.monomial()[1]);
}

TEST(trusted_setup, points_lie_in_their_groups)
{
    const auto& setup = TrustedSetup::ethereum();

    for (std::size_t i = 0; i < SETUP_G1_POINTS; i += 64)
    {
        EXPECT_TRUE(G1Affine::decompress(setup.lagrange()[i].compress()));
        EXPECT_TRUE(G1Affine::decompress(setup.monomial()[i].compress()));
    }
}

}  // namespace
}  // namespace ashlar
