#include "publisher/publish.hpp"

#include <gtest/gtest.h>

#include "tests/support/local_network.hpp"

namespace ashlar
{
namespace
{

using test::LocalNetwork;

class publish : public ::testing::Test
{
protected:
    void SetUp() override { folder_.write("weights.bin", test::pattern(300'000, 1)); }

    Result<std::unique_ptr<test::PublishedFolder>> publish_to(const LocalNetwork& network)
    {
        return test::publish_folder(network, folder_.path());
    }

    test::TemporaryFolder folder_;
};

/// Signs with the key of nobody.
class ForgingNode final : public test::ForwardingNode
{
public:
    explicit ForgingNode(NodeApi& inner) : inner_{inner} {}

    Result<BlsSignature> sign(const Bytes32& root, std::uint64_t expiry) override
    {
        ASHLAR_TRY(const auto real, inner_.sign(root, expiry));
        (void)real;
        return BlsSecretKey::generate().sign(root);
    }

protected:
    Result<NodeApi*> target() override { return &inner_; }

private:
    NodeApi& inner_;
};

}  // namespace

TEST_F(publish, spread_to_all_gives_a_certificate_that_holds_everywhere)
{
    LocalNetwork network{8};
    const auto done = publish_to(network);
    ASSERT_TRUE(done) << done.error().message;

    EXPECT_EQ((*done)->published.signers.size(), 8u);
    ASSERT_TRUE((*done)->published.tolerated_percent);
    EXPECT_GE(*(*done)->published.tolerated_percent, 33u);
    for (auto* const node : network.nodes())
    {
        const auto info = node->object((*done)->root());
        ASSERT_TRUE(info);
        ASSERT_TRUE(info->certificate);
        EXPECT_TRUE(verify_certificate(network.committee(), (*done)->root(), *info->certificate));
    }
}

TEST_F(publish, spread_again_sends_nothing)
{
    LocalNetwork network{8};
    ASSERT_TRUE(publish_to(network));

    const auto again = publish_to(network);

    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ((*again)->published.bytes_sent, 0u);
}

TEST_F(publish, spread_with_a_node_down_still_certifies_and_names_it)
{
    LocalNetwork network{8};
    network.stop(5);
    const auto done = publish_to(network);
    ASSERT_TRUE(done) << done.error().message;

    EXPECT_EQ((*done)->published.signers.size(), 7u);
    EXPECT_FALSE((*done)->published.members[5].certified);
    EXPECT_NE((*done)->published.members[5].error.find("refused"), std::string::npos);
}

TEST_F(publish, spread_to_too_few_is_insufficient_and_nobody_gets_a_certificate)
{
    LocalNetwork network{8};
    for (std::size_t i = 0; i < 7; ++i)
        network.stop(i);
    const auto done = publish_to(network);

    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::insufficient);
    EXPECT_NE(done.error().message.find("only 1 of 8"), std::string::npos) << done.error().message;

    // Run again when the nodes are back: what node 7 has is not sent again.
    network.start_all();
    const auto again = publish_to(network);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ((*again)->published.members[7].pieces_sent, 0u);
    EXPECT_GT((*again)->published.members[0].pieces_sent, 0u);
}

TEST_F(publish, spread_blames_a_false_signature_on_its_member)
{
    LocalNetwork network{8};
    ForgingNode forger{*network.nodes()[2]};
    network.replace(2, forger);
    const auto done = publish_to(network);
    ASSERT_TRUE(done) << done.error().message;

    EXPECT_EQ((*done)->published.signers, (std::vector<std::size_t>{0, 1, 3, 4, 5, 6, 7}));
    EXPECT_NE((*done)->published.members[2].error.find("does not hold"), std::string::npos);
}

}  // namespace ashlar
