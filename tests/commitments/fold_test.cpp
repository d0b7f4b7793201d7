#include "commitments/fold.hpp"

#include <gtest/gtest.h>

#include "base/hash.hpp"
#include "tests/support/scalar_codeword.hpp"

namespace ashlar
{
namespace
{

using test::shape_of;

/// Slow twin: Lagrange interpolation of each fiber at α, from field points and with divisions.
std::vector<Fr> fold_scalars(std::span<const Fr> layer, const Fr& alpha)
{
    const FftDomain domain{layer.size()};
    std::vector<Fr> out;
    for (std::size_t m = 0; m < layer.size() / 8; ++m)
    {
        Fr value;
        for (std::size_t i = 8 * m; i < 8 * m + 8; ++i)
        {
            Fr term = layer[i];
            for (std::size_t k = 8 * m; k < 8 * m + 8; ++k)
            {
                if (k != i)
                    term *=
                        (alpha - domain.point(k)) * (domain.point(i) - domain.point(k)).inverse();
            }
            value += term;
        }
        out.push_back(value);
    }
    return out;
}

Bytes32 layer_root(std::span<const Fr> layer)
{
    std::vector<Bytes32> leaves;
    for (std::size_t m = 0; m < layer.size() / 8; ++m)
    {
        Bytes fiber;
        for (std::size_t i = 0; i < 8; ++i)
            append(fiber, (G1::generator() * layer[8 * m + i]).compress());
        leaves.push_back(sha256(fiber));
    }
    return merkle_root(leaves);
}

/// The whole record by the slow twin, on scalars.
FoldRecord expected_record(
    const ObjectShape& shape, const Bytes32& commitments_root, std::vector<Fr> layer)
{
    FoldRecord record;
    for (std::size_t j = 0; layer.size() > 64; ++j)
    {
        if (j > 0)
            record.roots.push_back(layer_root(layer));
        const auto alpha = fold_challenge(shape, commitments_root, record.roots, j);
        layer = fold_scalars(layer, alpha);
    }
    for (const auto& value : layer)
        record.final_points.push_back((G1::generator() * value).compress());
    return record;
}

std::vector<G1Affine> final_points_of(const FoldRecord& record)
{
    std::vector<G1Affine> points;
    for (const auto& bytes : record.final_points)
        points.push_back(G1Affine::decompress(bytes).value());
    return points;
}

struct Folded
{
    ObjectShape shape;
    std::vector<Fr> logarithms;
    Bytes32 commitments_root;
    FoldRecord record;
};

Folded folded(std::uint64_t data, std::uint64_t seed)
{
    const auto shape = shape_of(data);
    SeededRandom random{seed};
    auto logarithms = test::scalar_codeword(shape, random);
    const auto codeword = test::commitments_of(logarithms);
    const auto root = commitment_tree(codeword).root();
    return {shape, std::move(logarithms), root, make_fold_record(shape, root, codeword)};
}

}  // namespace

TEST(fold, geometry_stops_at_64_points)
{
    const auto layers = [](std::uint64_t data) {
        return FoldGeometry::of(shape_of(data)).final_layer;
    };
    EXPECT_EQ(layers(1), 0u);
    EXPECT_EQ(layers(32), 0u);
    EXPECT_EQ(layers(33), 1u);
    EXPECT_EQ(layers(256), 1u);
    EXPECT_EQ(layers(257), 2u);
    EXPECT_EQ(layers(2048), 2u);
    EXPECT_EQ(layers(2049), 3u);
}

TEST(fold, weights_interpolate_on_the_fiber_itself)
{
    const FftDomain domain{128};
    for (std::size_t i = 0; i < 8; ++i)
    {
        const auto weights = fold_weights(128, 5, domain.point(5 * 8 + i));
        for (std::size_t k = 0; k < 8; ++k)
            EXPECT_EQ(weights[k], k == i ? Fr::one() : Fr{});
    }
}

TEST(fold, record_equals_scalar_twin_without_with_one_and_with_middle_layers)
{
    for (const auto data : {5u, 33u, 257u})
    {
        const auto object = folded(data, data);
        const auto expected =
            expected_record(object.shape, object.commitments_root, object.logarithms);
        EXPECT_EQ(object.record, expected) << data;
        EXPECT_EQ(object.record.roots.size(), data == 257 ? 1u : 0u);
    }
}

TEST(fold, record_root_binds_every_part)
{
    const auto object = folded(257, 1);
    auto other_root = object.record;
    other_root.roots[0][31] ^= std::byte{1};
    auto other_point = object.record;
    std::swap(other_point.final_points[0], other_point.final_points[1]);

    EXPECT_NE(object.record.root(), other_root.root());
    EXPECT_NE(object.record.root(), other_point.root());
}

TEST(fold, challenge_binds_shape_commitments_and_roots)
{
    const auto shape = shape_of(300);
    const Bytes32 root{};
    const std::vector<Bytes32> roots(1);
    const auto alpha = fold_challenge(shape, root, roots, 1);
    auto flipped = root;
    flipped[0] = std::byte{1};

    EXPECT_NE(alpha, fold_challenge(shape_of(301), root, roots, 1));
    EXPECT_NE(alpha, fold_challenge(shape, flipped, roots, 1));
    EXPECT_NE(alpha, fold_challenge(shape, root, std::vector{flipped}, 1));
    EXPECT_NE(alpha, fold_challenge(shape, root, roots, 0));
}

TEST(fold, final_layer_of_codewords_passes)
{
    for (const auto data : {5u, 16u, 33u, 64u, 257u})
    {
        const auto object = folded(data, data);
        const auto checked = check_final_layer(object.shape, final_points_of(object.record));
        EXPECT_TRUE(checked) << data << ": " << checked.error().message;
    }
}

TEST(fold, final_layer_refuses_wrong_point_wrong_count_and_values_at_empty_positions)
{
    const auto object = folded(17, 3);
    const auto good = final_points_of(object.record);
    for (std::size_t q = 0; q < good.size(); ++q)
    {
        auto bad = good;
        bad[q] = (G1{good[q]} + G1::generator()).to_affine();
        EXPECT_FALSE(check_final_layer(object.shape, bad)) << q;
    }
    EXPECT_FALSE(check_final_layer(object.shape, std::span{good}.first(good.size() - 1)));

    // A codeword of 32 data positions, offered as one of 17: its degree is right.
    const auto wide = folded(32, 4);
    const auto checked = check_final_layer(object.shape, final_points_of(wide.record));
    ASSERT_FALSE(checked);
    EXPECT_NE(checked.error().message.find("empty position"), std::string::npos);
}

}  // namespace ashlar
