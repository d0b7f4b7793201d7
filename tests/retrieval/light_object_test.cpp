#include "retrieval/light_object.hpp"

#include <deque>

#include <gtest/gtest.h>

#include "tests/support/published_model.hpp"

namespace ashlar::test
{
namespace
{

/// Answers with its neighbours' bytes, or with changed ones.
class WalkLiar final : public ForwardingNode
{
public:
    explicit WalkLiar(NodeApi& honest) : honest_{honest} {}

    Result<Bytes> get_walk(const Bytes32& root, std::uint64_t position) override
    {
        auto walk = honest_.get_walk(root, position);
        if (walk && !walk->empty())
            walk->back() ^= std::byte{1};
        return walk;
    }
    Result<void> get_pieces(
        const Bytes32& root, std::span<const std::uint64_t> pieces, const PieceSink& sink) override
    {
        return honest_.get_pieces(root, pieces, [&](const PieceView& piece) {
            Bytes changed{piece.bytes.begin(), piece.bytes.end()};
            changed[77] ^= std::byte{1};
            return sink({piece.piece, ByteView{changed}.first<BYTES_PER_BLOB>()});
        });
    }
    Result<CellAnswer> get_cell(
        const Bytes32& root, std::uint64_t stored, std::uint64_t cell) override
    {
        auto answer = honest_.get_cell(root, stored, cell);
        if (answer)
            answer->cell[40] ^= std::byte{1};
        return answer;
    }

protected:
    [[nodiscard]] Result<NodeApi*> target() override { return &honest_; }

private:
    NodeApi& honest_;
};

/// Says that it knows the object, and sends neither pieces nor cells.
class EmptyHandedNode final : public ForwardingNode
{
public:
    explicit EmptyHandedNode(NodeApi& honest) : honest_{honest} {}

    Result<void> get_pieces(
        const Bytes32&, std::span<const std::uint64_t>, const PieceSink&) override
    {
        return {};
    }
    Result<CellAnswer> get_cell(const Bytes32&, std::uint64_t, std::uint64_t) override
    {
        return CellAnswer{};
    }

protected:
    [[nodiscard]] Result<NodeApi*> target() override { return &honest_; }

private:
    NodeApi& honest_;
};

TEST(light_object, commitments_are_those_of_the_whole_codeword)
{
    for (auto* const model : {&PublishedModel::small(), &PublishedModel::layered()})
    {
        const auto view =
            open_object(model->root(), model->network().committee(), model->network().nodes())
                .value();
        auto object = model->open().value();
        const auto tree = commitment_tree(view.commitments->codeword());
        const std::vector<std::uint64_t> positions{
            0, 1, 2, view.commitments->codeword().size() - 1};
        const auto bound = object.bind(positions).value();
        for (std::size_t i = 0; i < positions.size(); ++i)
        {
            EXPECT_EQ(bound[i].commitment, view.commitments->codeword()[positions[i]].bytes());
            EXPECT_EQ(bound[i].path, tree.path(positions[i]));
        }
        EXPECT_EQ(object.signers(), view.signers);
    }
}

TEST(light_object, liars_are_named_and_the_others_asked)
{
    auto& model = PublishedModel::layered();
    auto& network = model.network();
    const auto honest = std::vector(network.nodes().begin(), network.nodes().end());
    const Placement placement{model.open().value().header(), network.committee()};
    const auto holder = placement.holders(0)[0];
    WalkLiar liar{*honest[holder]};
    network.replace(holder, liar);

    auto object = model.open().value();
    const auto bound = object.bind(std::array<std::uint64_t, 1>{0}).value();
    const auto blobs = object.blobs(bound).value();
    EXPECT_EQ(blob_to_kzg_commitment(ByteView{blobs[0]}.first<BYTES_PER_BLOB>())->bytes(),
        bound[0].commitment);
    EXPECT_TRUE(object.cell(bound[0], 3));

    network.replace(holder, *honest[holder]);
    ASSERT_GE(object.false_answers().size(), 3u);
    for (const auto& answer : object.false_answers())
        EXPECT_EQ(answer.member, holder);
}

// A batch of no blobs verifies, as the specifications want it: it must prove nothing here.
TEST(light_object, nodes_that_answer_with_nothing_give_no_blob)
{
    auto& model = PublishedModel::small();
    auto& network = model.network();
    const auto honest = std::vector(network.nodes().begin(), network.nodes().end());
    std::deque<EmptyHandedNode> silent;
    for (std::size_t i = 0; i < honest.size(); ++i)
    {
        silent.emplace_back(*honest[i]);
        network.replace(i, silent.back());
    }
    auto object = model.open().value();
    const auto bound = object.bind(std::array<std::uint64_t, 1>{0}).value();

    const auto blobs = object.blobs(bound);
    const auto cell = object.cell(bound[0], 3);

    for (std::size_t i = 0; i < honest.size(); ++i)
        network.replace(i, *honest[i]);
    EXPECT_FALSE(blobs);
    EXPECT_FALSE(cell);
}

TEST(light_object, blobs_come_back_with_their_holders_down)
{
    auto& model = PublishedModel::small();
    auto& network = model.network();
    auto object = model.open().value();
    const auto bound = object.bind(std::array<std::uint64_t, 2>{0, 1}).value();
    const auto before = object.blobs(bound).value();
    const Placement placement{object.header(), network.committee()};
    for (const auto member : placement.holders(0))
        network.stop(member);

    const auto after = object.blobs(bound);

    network.start_all();
    EXPECT_EQ(after.value(), before);
}

TEST(light_object, unknown_root_and_virtual_blobs)
{
    auto& network = PublishedModel::small().network();
    const auto unknown = LightObject::open({}, network.committee(), network.nodes());
    EXPECT_EQ(unknown.error().kind, ErrorKind::not_found);
    network.stop(3);
    const auto unreached = LightObject::open({}, network.committee(), network.nodes());
    network.start_all();
    EXPECT_EQ(unreached.error().kind, ErrorKind::unavailable);

    auto object = PublishedModel::small().open().value();
    const auto empty = object.header().shape().data_blobs();
    const auto bound = object.bind({&empty, 1}).value();
    EXPECT_EQ(object.blobs(bound).error().kind, ErrorKind::invalid_input);
    EXPECT_EQ(object.cell(bound[0], 0).error().kind, ErrorKind::invalid_input);
}

}  // namespace
}  // namespace ashlar::test
