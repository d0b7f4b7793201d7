#include "retrieval/object_view.hpp"

#include <gtest/gtest.h>

#include "tests/support/local_network.hpp"

namespace ashlar
{
namespace
{

using test::LocalNetwork;

/// Answers object() and metadata() with one bit wrong.
class WrongNode final : public test::ForwardingNode
{
public:
    explicit WrongNode(NodeApi& inner) : inner_{inner} {}

    Result<ObjectInfo> object(const Bytes32& root) override
    {
        ASHLAR_TRY(auto info, inner_.object(root));
        info.header[40] ^= std::byte{1};
        return info;
    }
    Result<ObjectMetadata> metadata(const Bytes32& root) override
    {
        ASHLAR_TRY(auto metadata, inner_.metadata(root));
        // Another valid point: only the root tells that it is not the publisher's.
        std::ranges::copy(G1::generator().compress(), metadata.commitments.begin());
        return metadata;
    }

protected:
    Result<NodeApi*> target() override { return &inner_; }

private:
    NodeApi& inner_;
};

class object_view : public ::testing::Test
{
protected:
    void SetUp() override
    {
        source_.write("config.json", "{}");
        object_ = test::publish_folder(network_, source_.path()).value();
    }

    test::TemporaryFolder source_;
    LocalNetwork network_{4};
    std::unique_ptr<test::PublishedFolder> object_;
};

}  // namespace

TEST_F(object_view, open_gives_header_codeword_and_certificate)
{
    const auto view = open_object(object_->root(), network_.committee(), network_.nodes());
    ASSERT_TRUE(view) << view.error().message;

    EXPECT_EQ(view->header.root(), object_->root());
    EXPECT_EQ(view->commitments->codeword().size(), view->header.shape().position_count());
    ASSERT_TRUE(view->certificate);
    EXPECT_EQ(*view->certificate, object_->published.certificate);
    EXPECT_EQ(view->signers.size(), 4u);
    EXPECT_TRUE(view->false_answers.empty());
}

TEST_F(object_view, open_names_a_liar_and_goes_on)
{
    WrongNode liar{*network_.nodes()[0]};
    network_.replace(0, liar);

    const auto view = open_object(object_->root(), network_.committee(), network_.nodes());

    ASSERT_TRUE(view) << view.error().message;
    ASSERT_EQ(view->false_answers.size(), 2u);
    EXPECT_EQ(view->false_answers[0].member, 0u);
    EXPECT_EQ(view->false_answers[1].member, 0u);
}

TEST_F(object_view, open_of_an_unknown_root_tells_not_found_from_unavailable)
{
    Bytes32 unknown{};
    unknown[0] = std::byte{7};
    const auto asked = [&] {
        return open_object(unknown, network_.committee(), network_.nodes()).error().kind;
    };

    EXPECT_EQ(asked(), ErrorKind::not_found);
    network_.stop(3);
    EXPECT_EQ(asked(), ErrorKind::unavailable);
}

TEST_F(object_view, open_with_all_nodes_down_is_unavailable)
{
    for (std::size_t i = 0; i < 4; ++i)
        network_.stop(i);
    const auto view = open_object(object_->root(), network_.committee(), network_.nodes());

    ASSERT_FALSE(view);
    EXPECT_EQ(view.error().kind, ErrorKind::unavailable);
}

}  // namespace ashlar
