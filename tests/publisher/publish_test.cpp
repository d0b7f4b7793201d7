#include "publisher/publish.hpp"

#include <deque>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/mutex.hpp"
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

/// Takes no pieces until the certificate was left with another node, or its calls are cancelled.
class SlowNode final : public test::ForwardingNode
{
public:
    explicit SlowNode(NodeApi& inner) : inner_{inner} {}

    Result<void> put_pieces(const Bytes32& root, std::span<const CarriedPiece> pieces) override
    {
        const MutexLock lock{mutex_};
        while (!goes_on_ && !cancelled_)
            changed_.wait(mutex_);
        if (cancelled_)
            return fail(ErrorKind::unavailable, "cancelled");
        return inner_.put_pieces(root, pieces);
    }
    void cancel_calls() override { set(cancelled_); }
    void go_on() { set(goes_on_); }

protected:
    Result<NodeApi*> target() override { return &inner_; }

private:
    void set(bool& flag)
    {
        const MutexLock lock{mutex_};
        flag = true;
        changed_.notify_all();
    }

    NodeApi& inner_;
    Mutex mutex_;
    ConditionVariable changed_;
    bool goes_on_ = false;
    bool cancelled_ = false;
};

/// Notes how many pieces came in one call, at most.
class CountingNode final : public test::ForwardingNode
{
public:
    explicit CountingNode(NodeApi& inner) : inner_{inner} {}

    Result<void> put_pieces(const Bytes32& root, std::span<const CarriedPiece> pieces) override
    {
        most = std::max(most, pieces.size());
        return inner_.put_pieces(root, pieces);
    }

    std::size_t most = 0;

protected:
    Result<NodeApi*> target() override { return &inner_; }

private:
    NodeApi& inner_;
};

/// Tells a slow node when the object is published.
class CertifiedNode final : public test::ForwardingNode
{
public:
    CertifiedNode(NodeApi& inner, SlowNode& slow) : inner_{inner}, slow_{slow} {}

    Result<void> put_certificate(const Bytes32& root, const Certificate& certificate) override
    {
        auto put = inner_.put_certificate(root, certificate);
        slow_.go_on();
        return put;
    }

protected:
    Result<NodeApi*> target() override { return &inner_; }

private:
    NodeApi& inner_;
    SlowNode& slow_;
};

Result<Published> spread_for(
    const LocalNetwork& network, const Payload& payload, std::chrono::milliseconds patience)
{
    ASHLAR_TRY(
        const auto object, EncodedObject::make(payload, network.committee(), {}, no_progress()));
    return spread(object, network.committee(), network.nodes(), PublisherKey::generate(),
        {.expiry_unix_seconds = LocalNetwork::EXPIRY,
            .attempts_max = 1,
            .straggler_patience = patience},
        no_progress());
}

}  // namespace

TEST_F(publish, spread_leaves_a_slow_node_behind_when_its_time_is_over)
{
    LocalNetwork network{8};
    SlowNode slow{*network.nodes()[5]};
    network.replace(5, slow);
    const auto payload = Payload::from_folder(folder_.path()).value();

    const auto done = spread_for(network, payload, std::chrono::milliseconds{20});

    ASSERT_TRUE(done) << done.error().message;
    EXPECT_THAT(done->signers, testing::Not(testing::Contains(5u)));
    EXPECT_FALSE(done->members[5].certified);
    EXPECT_FALSE(done->members[5].error.empty());
}

TEST_F(publish, spread_has_no_more_on_its_way_than_memory_allows)
{
    // Room for so many pieces for each of eight members, and three times as much here and in gRPC.
    for (const std::size_t pieces : {0U, 1U, 2U, 3U})
    {
        LocalNetwork network{8};
        std::deque<CountingNode> counting;
        for (std::size_t i = 0; i < network.nodes().size(); ++i)
            network.replace(i, counting.emplace_back(*network.nodes()[i]));
        const auto payload = Payload::from_folder(folder_.path()).value();
        const auto object =
            EncodedObject::make(payload, network.committee(), {}, no_progress()).value();
        const auto done =
            spread(object, network.committee(), network.nodes(), PublisherKey::generate(),
                {.expiry_unix_seconds = LocalNetwork::EXPIRY,
                    .memory_bytes = 4 * 3 * 8 * pieces * BYTES_PER_BLOB},
                no_progress());
        ASSERT_TRUE(done) << done.error().message;
        EXPECT_EQ(done->signers.size(), 8u);
        EXPECT_EQ(std::ranges::max_element(counting, {}, &CountingNode::most)->most,
            std::max<std::size_t>(pieces, 1));
    }
}

TEST_F(publish, spread_publishes_at_the_weight_and_again_with_the_slow_node)
{
    LocalNetwork network{8};
    SlowNode slow{*network.nodes()[5]};
    // Whichever of the others are fast enough for the first certificate.
    std::deque<CertifiedNode> others;
    for (std::size_t i = 0; i < network.nodes().size(); ++i)
        network.replace(i,
            i == 5 ? static_cast<NodeApi&>(slow) : others.emplace_back(*network.nodes()[i], slow));
    const auto payload = Payload::from_folder(folder_.path()).value();

    const auto done = spread_for(network, payload, std::chrono::minutes{5});

    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->signers.size(), 8u);
    EXPECT_TRUE(done->members[5].certified);
}

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
