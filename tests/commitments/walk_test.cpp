#include "commitments/walk.hpp"

#include <gtest/gtest.h>

#include "base/hash.hpp"
#include "tests/support/scalar_fold.hpp"

namespace ashlar
{
namespace
{

using test::ScalarFold;
using test::shape_of;

ScalarFold honest(std::uint64_t data)
{
    SeededRandom random{data};
    const auto shape = shape_of(data);
    return {shape, test::scalar_codeword(shape, random)};
}

/// Together and alone, walks must agree with what the scalars say.
void expect_as_on_scalars(const ScalarFold& made)
{
    const auto checker = WalkChecker::make(made.binding(), made.fold().record).value();
    // One walk a fiber: the others of it go the same way.
    std::vector<Walk> walks;
    for (std::uint64_t n = 0; n < made.binding().shape.position_count(); n += FOLD_FIBER)
        walks.push_back(made.walk(n + n / FOLD_FIBER % FOLD_FIBER));
    const auto together = checker.check(walks);
    for (std::size_t f = 0; f < walks.size(); ++f)
    {
        const auto n = walks[f].start;
        EXPECT_EQ(together[f].has_value(), made.passes_on_scalars(n)) << n;
        if (f % 9 == 0)
        {
            EXPECT_EQ(checker.check(std::span{walks}.subspan(f, 1))[0].has_value(),
                together[f].has_value())
                << n;
        }
        if (together[f])
        {
            EXPECT_EQ(together[f]->bytes(), made.codeword()[n]);
        }
        else
        {
            EXPECT_EQ(together[f].error().kind, ErrorKind::proof_invalid);
        }
    }
}

/// A path with all else right leads to other points: whose fault is it?
struct Tampered
{
    Result<Walk> parsed;
    std::optional<Result<Commitment>> checked;
};

Tampered tampered(const ScalarFold& made, std::uint64_t n, const Bytes& bytes)
{
    Tampered out{parse_walk(made.binding(), made.fold().record, n, bytes), {}};
    if (out.parsed)
        out.checked = WalkChecker::make(made.binding(), made.fold().record)
                          .value()
                          .check({&*out.parsed, 1})[0];
    return out;
}

}  // namespace

TEST(walk, sizes_follow_from_the_shape)
{
    const auto bytes = [](std::uint64_t data) {
        return FoldGeometry::of(shape_of(data)).walk_bytes();
    };
    EXPECT_EQ(bytes(1), 0u);
    EXPECT_EQ(bytes(32), 0u);
    EXPECT_EQ(bytes(33), 384u + 32 * 4);
    EXPECT_EQ(bytes(257), 2 * 384u + 32 * (7 + 4));
    EXPECT_EQ(bytes(8'388'608), 6 * 384u + 32 * (21 + 18 + 15 + 12 + 9 + 6));
    EXPECT_EQ(bytes(DOMAIN_MAX), WALK_BYTES_MAX);
    for (std::uint64_t data = 1; data <= DOMAIN_MAX; data *= 2)
    {
        EXPECT_LE(bytes(data), WALK_BYTES_MAX);
        EXPECT_LE(FoldGeometry::of(shape_of(data)).record_bytes(), FOLD_RECORD_BYTES_MAX);
    }
}

TEST(walk, fold_keeps_what_the_record_is_made_of)
{
    for (const auto data : {5u, 33u, 257u})
    {
        const auto made = honest(data);
        std::vector<Commitment> codeword;
        for (const auto& bytes : made.codeword())
            codeword.push_back(Commitment::parse(bytes).value());
        const auto root = made.binding().commitments_root;
        EXPECT_EQ(commitment_tree(codeword).root(), root);
        const auto fold = Fold::make(made.binding().shape, root, codeword);
        EXPECT_EQ(fold.record, made.fold().record);
        EXPECT_EQ(fold.record, make_fold_record(made.binding().shape, root, codeword));
        EXPECT_EQ(fold.layers, made.fold().layers);
        EXPECT_EQ(fold.trees.size(), made.fold().trees.size());
    }
}

TEST(walk, every_walk_of_a_codeword_passes_and_gives_its_commitment)
{
    for (const auto data : {5u, 33u, 300u})
        expect_as_on_scalars(honest(data));
}

TEST(walk, commitment_path_leads_from_the_commitment_alone)
{
    const auto made = honest(300);
    for (const std::uint64_t n : {0U, 299U, 700U, 1023U})
    {
        const auto path = commitment_path(made.binding(), made.walk(n), made.walk_bytes(n));
        EXPECT_TRUE(verify_merkle_path(
            made.binding().commitments_root, commitment_leaf(made.codeword()[n]), n, 10, path));
    }
}

TEST(walk, parse_refuses_other_lengths_other_starts_and_changed_bytes)
{
    const auto made = honest(300);
    const auto good = made.walk_bytes(700);
    auto longer = good;
    longer.push_back(std::byte{0});
    const Bytes shorter(good.begin(), good.end() - 1);
    for (const auto& bytes : {longer, shorter, Bytes{}})
        EXPECT_EQ(tampered(made, 700, bytes).parsed.error().kind, ErrorKind::proof_invalid);
    // 696 … 703 share every fiber: the same bytes serve them all, and no other.
    EXPECT_TRUE(tampered(made, 703, good).parsed);
    for (const std::uint64_t n : {0U, 695U, 704U, 188U})
        EXPECT_FALSE(tampered(made, n, good).parsed) << n;
    for (std::size_t at = 0; at < good.size(); at += 13)
    {
        auto bad = good;
        bad[at] ^= std::byte{1};
        EXPECT_FALSE(tampered(made, 700, bad).parsed) << at;
    }
}

TEST(walk, record_refuses_another_length_and_another_hash)
{
    const auto made = honest(300);
    const auto binding = made.binding();
    const auto good = made.fold().record.encode();
    EXPECT_EQ(
        FoldRecord::parse_for(binding.shape, binding.fold_root, good).value(), made.fold().record);
    const Bytes shorter(good.begin(), good.end() - 1);
    auto changed = good;
    changed[40] ^= std::byte{1};
    for (const auto& bytes : {shorter, changed, Bytes{}})
    {
        const auto parsed = FoldRecord::parse_for(binding.shape, binding.fold_root, bytes);
        ASSERT_FALSE(parsed);
        EXPECT_EQ(parsed.error().kind, ErrorKind::proof_invalid);
    }
}

TEST(walk, wrong_positions_fail_their_fibers_under_layers_of_the_true_word)
{
    SeededRandom random{1};
    const auto shape = shape_of(300);
    const auto word = test::scalar_codeword(shape, random);
    auto wrong = word;
    for (const std::size_t n : {5U, 517U, 518U, 1023U})
        wrong[n] += Fr::one();
    const ScalarFold made{shape, wrong, test::layers_of_word(word)};
    expect_as_on_scalars(made);
    std::uint64_t failing = 0;
    for (std::uint64_t n = 0; n < shape.position_count(); ++n)
        failing += made.passes_on_scalars(n) ? 0 : 1;
    EXPECT_EQ(failing, 3 * FOLD_FIBER);
}

TEST(walk, wrong_point_in_a_middle_layer_fails_the_walks_through_its_fiber)
{
    SeededRandom random{1};
    const auto shape = shape_of(300);
    const auto word = test::scalar_codeword(shape, random);
    const auto honest_layers = test::layers_of_word(word);
    const ScalarFold made{
        shape, word, [=](std::size_t layer, const Fr& alpha, std::vector<Fr>& values) mutable {
            honest_layers(layer, alpha, values);
            if (layer == 1)
                values[77] += Fr::one();
        }};
    expect_as_on_scalars(made);
    // Fiber 9 of layer 1 folds wrong: 64 walks go through it.
    for (std::uint64_t n = 0; n < shape.position_count(); ++n)
        EXPECT_EQ(made.passes_on_scalars(n), n / 64 != 9) << n;
}

TEST(walk, words_that_are_no_codeword_fail_at_the_final_layer)
{
    SeededRandom random{1};
    const auto shape = shape_of(300);
    auto word = test::scalar_codeword(shape, random);
    word[700] += Fr::one();
    const ScalarFold made{shape, word};
    const auto checker = WalkChecker::make(made.binding(), made.fold().record);
    ASSERT_FALSE(checker);
    EXPECT_EQ(checker.error().kind, ErrorKind::proof_invalid);
}

TEST(walk, values_at_empty_positions_fail_the_boundary_walk)
{
    // A codeword of 512 data blobs, offered as one of 257.
    SeededRandom random{1};
    const auto wide = test::scalar_codeword(shape_of(512), random);
    const auto shape = shape_of(257);
    const ScalarFold open{shape, wide};
    EXPECT_FALSE(WalkChecker::make(open.binding(), open.fold().record));

    // With infinity written where it must be, and everything else as the wide word says.
    auto word = wide;
    std::fill(word.begin() + 257, word.begin() + 512, Fr{});
    const ScalarFold written{shape, word,
        [shadow = wide](std::size_t layer, const Fr& alpha, std::vector<Fr>& values) mutable {
            shadow = test::folded_scalars(shadow, alpha);
            values = shadow;
            const auto empty = EmptyPositions::of(shape_of(257), layer);
            for (auto q = empty.begin; q < empty.end; ++q)
                values[q] = Fr{};
        }};
    const auto checker = WalkChecker::make(written.binding(), written.fold().record);
    // Empty positions stay what they are in the final layer: infinity there breaks the degree.
    EXPECT_FALSE(checker);
}

TEST(walk, point_outside_the_subgroup_and_bytes_that_are_no_point_are_the_publishers_fault)
{
    // (0, 2) is on the curve and has order 3.
    Bytes48 order_three{};
    order_three[0] = std::byte{0x80};
    Bytes48 no_point{};
    const auto made = honest(33);
    for (const auto& bad : {order_three, no_point})
    {
        std::vector<Bytes48> points(made.codeword().begin(), made.codeword().end());
        points[17] = bad;
        std::vector<Bytes32> leaves;
        for (std::size_t at = 0; at < points.size(); at += FOLD_FIBER)
            leaves.push_back(fiber_leaf(0, std::span{points}.subspan(at).first<FOLD_FIBER>()));
        const Fold fold{
            .record = made.fold().record, .trees = {MerkleTree::make(leaves)}, .layers = {}};
        const FoldBinding binding{.shape = shape_of(33),
            .commitments_root = fold.trees[0].root(),
            .fold_root = fold.record.root()};
        const auto checker = WalkChecker::make(binding, fold.record).value();
        const auto bytes = fold.walk(20, std::span{points}.subspan(16).first<FOLD_FIBER>());
        const auto walk = parse_walk(binding, fold.record, 20, bytes);
        ASSERT_TRUE(walk);
        const auto checked = checker.check({&*walk, 1});
        ASSERT_FALSE(checked[0]);
        EXPECT_NE(checked[0].error().message.find("position 17"), std::string::npos);
    }
}

}  // namespace ashlar
