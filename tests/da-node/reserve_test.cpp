#include <gtest/gtest.h>

#include "tests/da-node/test_node.hpp"

namespace ashlar::test
{
namespace
{

/// What an object takes of a quota on a node.
std::uint64_t bytes_on(const TestNode& node, const SmallObject& object)
{
    return node.placed(object).size() * BYTES_PER_BLOB + MetadataSizes::of(object.shape()).total();
}

}  // namespace

TEST(reserve, is_idempotent_and_reserves)
{
    TestNode node;
    EXPECT_TRUE(node->reserve(node.reservation(small_object())));
    EXPECT_TRUE(node->reserve(node.reservation(small_object())));
    EXPECT_EQ(node->object(small_object().root()).value().header, small_object().header().bytes());
}

TEST(reserve, another_committees_reservation_is_refused)
{
    TestNode node;
    const auto other = make_test_committee(3);
    EXPECT_EQ(kind_of(node->reserve(make_reservation(small_object(), other.root(), EXPIRY))),
        ErrorKind::proof_invalid);
}

TEST(reserve, any_changed_field_is_refused)
{
    TestNode node;
    const auto good = node.reservation(small_object());
    auto expiry = good;
    expiry.expiry_unix_seconds += 1;
    EXPECT_EQ(kind_of(node->reserve(expiry)), ErrorKind::proof_invalid);
    auto signature = good;
    signature.publisher_signature[0] ^= std::byte{1};
    EXPECT_EQ(kind_of(node->reserve(signature)), ErrorKind::proof_invalid);
    auto key = good;
    key.publisher_key = {};
    EXPECT_EQ(kind_of(node->reserve(key)), ErrorKind::proof_invalid);
    auto provenance = good;
    provenance.header[14 * 32] ^= std::byte{1};
    EXPECT_EQ(kind_of(node->reserve(provenance)), ErrorKind::proof_invalid);
    auto version = good;
    version.header[0] = std::byte{2};
    EXPECT_EQ(kind_of(node->reserve(version)), ErrorKind::invalid_input);
    EXPECT_TRUE(node->reserve(good));
}

TEST(reserve, expiry_must_lie_ahead_and_within_ten_years)
{
    TestNode node;
    const auto reserve = [&](std::uint64_t expiry) {
        return node->reserve(node.reservation(small_object(), expiry));
    };
    EXPECT_EQ(kind_of(reserve(0)), ErrorKind::invalid_input);
    EXPECT_EQ(kind_of(reserve(NOW)), ErrorKind::invalid_input);
    EXPECT_TRUE(reserve(NOW + 1));
    EXPECT_EQ(kind_of(reserve(NOW + LEASE_SECONDS_MAX + 1)), ErrorKind::invalid_input);
    EXPECT_EQ(kind_of(reserve(~0ULL)), ErrorKind::invalid_input);
    EXPECT_TRUE(reserve(NOW + LEASE_SECONDS_MAX));
}

TEST(reserve, publishers_own_reservation_never_goes_down)
{
    TestNode node;
    must(node->reserve(node.reservation(small_object(), EXPIRY)));
    EXPECT_EQ(kind_of(node->reserve(node.reservation(small_object(), EXPIRY - 1))),
        ErrorKind::invalid_input);
}

TEST(reserve, another_publishers_long_reservation_does_not_lock_out)
{
    TestNode node;
    must(node->reserve(node.reservation(small_object(), EXPIRY + 1000, 2)));
    node.upload(small_object());
    EXPECT_TRUE(node->sign(small_object().root(), EXPIRY));
}

TEST(reserve, quota_takes_the_last_byte_and_not_one_more)
{
    const auto& object = small_object();
    const auto bytes = bytes_on(TestNode{}, object);
    TestNode exact{{.limits = {.publisher_bytes_max = bytes}}};
    EXPECT_TRUE(exact->reserve(exact.reservation(object)));
    TestNode short_by_one{{.limits = {.publisher_bytes_max = bytes - 1}}};
    EXPECT_EQ(
        kind_of(short_by_one->reserve(short_by_one.reservation(object))), ErrorKind::insufficient);
}

TEST(reserve, quota_counts_per_publisher_and_survives_restart)
{
    const auto& object = small_object();
    const auto other = make_small_object({.seed = 2});
    TestNode node{{.members = 1}};
    const auto bytes = bytes_on(node, object);
    TestNode limited{{.members = 1, .limits = {.publisher_bytes_max = bytes}}};
    must(limited->reserve(limited.reservation(object)));
    limited.restart();
    EXPECT_EQ(kind_of(limited->reserve(limited.reservation(other))), ErrorKind::insufficient);
    EXPECT_TRUE(limited->reserve(limited.reservation(other, EXPIRY, 2)));
}

TEST(reserve, room_for_all_and_number_of_objects_are_bounded)
{
    const auto& object = small_object();
    const auto other = make_small_object({.seed = 2});
    TestNode full{{.members = 1,
        .limits = {.reserved_bytes_max = bytes_on(TestNode{{.members = 1}}, object)}}};
    must(full->reserve(full.reservation(object)));
    EXPECT_EQ(kind_of(full->reserve(full.reservation(other, EXPIRY, 2))), ErrorKind::insufficient);
    TestNode one{{.members = 1, .limits = {.objects_max = 1}}};
    must(one->reserve(one.reservation(object)));
    EXPECT_EQ(kind_of(one->reserve(one.reservation(other))), ErrorKind::insufficient);
    EXPECT_TRUE(one->reserve(one.reservation(object, EXPIRY + 1)));
}

TEST(reserve, node_without_a_piece_refuses)
{
    // 64 members for the pieces of a small object: some get none.
    const auto committee = make_test_committee(64);
    const Placement placement{small_object().header(), committee};
    std::size_t member = 0;
    while (member < 64 && !placement.pieces_of(member).empty())
        ++member;
    ASSERT_LT(member, 64u);
    TestNode node{{.members = 64, .member = member}};
    EXPECT_EQ(kind_of(node->reserve(node.reservation(small_object()))), ErrorKind::invalid_input);
}

TEST(service, make_with_a_foreign_key_is_refused)
{
    const TemporaryFolder folder;
    const auto store = NodeStore::open(folder.path()).value();
    const SignedNodeRecord record{};
    EXPECT_EQ(kind_of(NodeService::make({.key = test_member_key(5),
                  .committee = make_test_committee(2),
                  .record = record,
                  .store = *store,
                  .clock = system_clock()})),
        ErrorKind::invalid_input);
}

}  // namespace ashlar::test
