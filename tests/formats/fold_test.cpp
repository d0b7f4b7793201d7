/// Examples of docs/formats/fold.md.

#include <gtest/gtest.h>

#include "algebra/msm.hpp"
#include "base/hash.hpp"
#include "commitments/walk.hpp"
#include "tests/formats/example.hpp"
#include "tests/formats/example_object.hpp"
#include "tests/support/scalar_codeword.hpp"

namespace ashlar::test
{
namespace
{

Bytes bytes_of(const FoldRecord& record)
{
    Bytes out;
    for (const auto& root : record.roots)
        append(out, root);
    for (const auto& point : record.final_points)
        append(out, point);
    return out;
}

/// c_n = d_n·G1 with d_n = n + 1 for n < K, and its fold: what the page calls a codeword by rule.
struct RuleCodeword
{
    explicit RuleCodeword(std::uint64_t data_blobs)
      : shape{ObjectShape::make({.data_blobs = data_blobs,
                                    .parity_blobs = ObjectShape::default_parity_blobs(data_blobs),
                                    .group_parities = 2})
                  .value()},
        codeword{commitments_of(scalars(shape))},
        tree{commitment_tree(codeword)},
        record{make_fold_record(shape, tree.root(), codeword)}
    {}

    static std::vector<Fr> scalars(const ObjectShape& shape)
    {
        std::vector<Fr> low(shape.domain());
        for (std::uint64_t n = 0; n < shape.data_blobs(); ++n)
            low[n] = Fr::from_u64(n + 1);
        auto high = low;
        extend_to_coset(Elements<Fr>{high}, FftDomain{shape.domain()});
        low.insert(low.end(), high.begin(), high.end());
        return low;
    }

    [[nodiscard]] Fr alpha(std::size_t layer) const
    {
        return fold_challenge(shape, tree.root(), record.roots, layer);
    }

    ObjectShape shape;
    std::vector<Commitment> codeword;
    MerkleTree tree;
    FoldRecord record;
};

void check_fold(const RuleCodeword& made)
{
    const auto example = Example::current();
    const auto geometry = FoldGeometry::of(made.shape);
    example.expect("data_blobs", made.shape.data_blobs());
    example.expect("parity_blobs", made.shape.parity_blobs());
    example.expect("domain", made.shape.domain());
    example.expect("layers", geometry.final_layer);
    for (const auto n : {std::uint64_t{0}, made.shape.domain(), made.shape.position_count() - 1})
        example.expect(fmt::format("commitment_{}", n), made.codeword[n].bytes());
    example.expect("commitments_root", made.tree.root());
    for (std::size_t layer = 0; layer < geometry.final_layer; ++layer)
        example.expect(fmt::format("alpha_{}", layer), made.alpha(layer));
    for (std::size_t i = 0; i < made.record.roots.size(); ++i)
        example.expect(fmt::format("root_{}", i + 1), made.record.roots[i]);

    const auto bytes = bytes_of(made.record);
    example.expect("final", ByteView{bytes}.subspan(32 * made.record.roots.size()));
    example.expect("record_bytes", bytes.size());
    example.expect("fold_root", made.record.root());
}

TEST(example, fold_weights)
{
    const auto example = Example::current();
    Bytes weights;
    for (const auto& weight : fold_weights(example.integer("points"), example.integer("fiber"),
             Fr::from_u64(example.integer("alpha"))))
        append(weights, weight.to_bytes());
    example.expect("weights", weights);
}

TEST(example, fold_challenge)
{
    const auto example = Example::current();
    const auto shape = ObjectShape::make({.data_blobs = example.integer("data_blobs"),
                                             .parity_blobs = example.integer("parity_blobs"),
                                             .group_parities = 2})
                           .value();
    const auto root = example.array<32>("commitments_root");
    const std::vector<Bytes32> roots{example.array<32>("root_1"), example.array<32>("root_2")};
    for (std::size_t layer = 0; layer <= 2; ++layer)
        example.expect(fmt::format("alpha_{}", layer), fold_challenge(shape, root, roots, layer));
}

TEST(example, fold_33)
{
    check_fold(RuleCodeword{33});
}

TEST(example, fold_300)
{
    check_fold(RuleCodeword{300});
}

/// The layers of a fold, folded point by point.
std::vector<std::vector<G1Affine>> layers_of(const RuleCodeword& made)
{
    const auto geometry = FoldGeometry::of(made.shape);
    std::vector<std::vector<G1Affine>> layers(1);
    for (const auto& commitment : made.codeword)
        layers[0].push_back(commitment.point());
    for (std::size_t j = 0; j < geometry.final_layer; ++j)
    {
        std::vector<G1Affine> next;
        for (std::uint64_t m = 0; m < geometry.points(j + 1); ++m)
        {
            const auto weights = fold_weights(geometry.points(j), m, made.alpha(j));
            const auto fiber = std::span{layers[j]}.subspan(FOLD_FIBER * m, FOLD_FIBER);
            next.push_back(msm(fiber, weights).to_affine());
        }
        layers.push_back(std::move(next));
    }
    return layers;
}

Bytes fiber_bytes(const std::vector<G1Affine>& layer, std::uint64_t fiber)
{
    Bytes out;
    for (std::size_t i = 0; i < FOLD_FIBER; ++i)
        append(out, layer[FOLD_FIBER * fiber + i].compress());
    return out;
}

TEST(example, walk_300)
{
    const auto example = Example::current();
    const RuleCodeword made{300};
    const auto layers = layers_of(made);
    std::vector<Bytes32> fiber_hashes;
    for (std::uint64_t m = 0; m < layers[1].size() / FOLD_FIBER; ++m)
        fiber_hashes.push_back(sha256(fiber_bytes(layers[1], m)));
    const auto first_tree = MerkleTree::make(fiber_hashes);
    EXPECT_EQ(first_tree.root(), made.record.roots.at(0));

    example.expect("data_blobs", made.shape.data_blobs());
    const auto start = example.integer("start");
    const auto fiber_0 = start / FOLD_FIBER;
    const auto fiber_1 = fiber_0 / FOLD_FIBER;
    example.expect("fiber_index_0", fiber_0);
    example.expect("fiber_0", fiber_bytes(layers[0], fiber_0));
    example.expect_list("path_0", made.tree.subtree_path(fiber_0, 3));
    example.expect("folded_0", layers[1][fiber_0].compress());
    example.expect("next_slot_0", fiber_0 % FOLD_FIBER);
    example.expect("fiber_index_1", fiber_1);
    example.expect("fiber_1", fiber_bytes(layers[1], fiber_1));
    example.expect_list("path_1", first_tree.path(fiber_1));
    example.expect("folded_1", layers[2][fiber_1].compress());
    example.expect("final_position", fiber_1);
    EXPECT_EQ(layers[2][fiber_1].compress(), made.record.final_points[fiber_1]);

    Bytes walk;
    for (const auto* const layer : {"0", "1"})
    {
        for (const auto& point : example.list(fmt::format("fiber_{}", layer)))
            append(walk, point);
        for (const auto& sibling : example.list(fmt::format("path_{}", layer)))
            append(walk, sibling);
    }
    const FoldBinding binding{
        .shape = made.shape, .commitments_root = made.tree.root(), .fold_root = made.record.root()};
    const auto parsed = parse_walk(binding, made.record, start, walk);
    ASSERT_TRUE(parsed) << parsed.error().message;
    const auto checked = WalkChecker::make(binding, made.record).value().check({&*parsed, 1});
    ASSERT_TRUE(checked[0]) << checked[0].error().message;
    EXPECT_EQ(checked[0]->bytes(), made.codeword[start].bytes());
}

TEST(example, object_fold)
{
    const auto example = Example::current();
    const auto& header = example_object().header();
    const auto record =
        make_fold_record(header.shape(), header.fields().commitments_root, example_codeword());
    const auto bytes = bytes_of(record);
    example.expect("layers", FoldGeometry::of(header.shape()).final_layer);
    example.expect("record_bytes", bytes.size());
    example.expect("record_sha256", sha256(bytes));
    example.expect("fold_root", record.root());
    EXPECT_EQ(header.fields().fold_root, record.root());
}

}  // namespace
}  // namespace ashlar::test
