#include "rollup/registry_rule.hpp"

#include <gtest/gtest.h>

#include "tests/support/published_model.hpp"

namespace ashlar::test
{
namespace
{

ObjectHeader header_of(std::uint64_t data_blobs, std::uint64_t copies)
{
    HeaderFields fields;
    fields.payload_bytes = data_blobs * PAYLOAD_BYTES_PER_BLOB;
    fields.data_blobs = data_blobs;
    fields.parity_blobs = ObjectShape::default_parity_blobs(data_blobs);
    fields.group_parities = 0;
    fields.copies = copies;
    fields.placement_seed = default_placement_seed(fields.commitments_root);
    return ObjectHeader::make(fields).value();
}

RegistryRule rule_for(
    const ObjectHeader& header, const Committee& committee, std::span<const std::size_t> signers)
{
    return registry_rule(
        header.shape(), header.fields().copies, summarize_signers(committee, signers));
}

TEST(registry_rule, three_copies_are_enough_for_eight_equal_members_that_all_sign)
{
    const auto committee = make_committee(8);
    const std::vector<std::size_t> all{0, 1, 2, 3, 4, 5, 6, 7};
    EXPECT_FALSE(rule_for(header_of(4, 2), committee, all).holds());
    EXPECT_TRUE(rule_for(header_of(4, 3), committee, all).by_copies);
    EXPECT_FALSE(rule_for(header_of(4, 3), committee, std::span{all}.first(7)).holds());
    EXPECT_TRUE(rule_for(header_of(4, 4), committee, std::span{all}.first(7)).by_copies);
    // More copies than there are members to keep them.
    EXPECT_FALSE(rule_for(header_of(4, 9), committee, all).by_copies);
}

TEST(registry_rule, one_copy_of_a_large_object_is_enough)
{
    const auto committee = make_committee(8);
    const std::vector<std::size_t> all{0, 1, 2, 3, 4, 5, 6, 7};
    // The table of docs/rollup.md has 46 % for a terabyte, and under a third below 0.25 GiB.
    EXPECT_TRUE(rule_for(header_of(7'875'505, 1), committee, all).by_parity);
    EXPECT_FALSE(rule_for(header_of(1000, 1), committee, all).holds());
}

TEST(registry_rule, never_holds_where_the_exact_count_does_not)
{
    for (const auto count : std::initializer_list<std::size_t>{1, 2, 3, 5, 8, 12})
    {
        const auto committee = make_committee(count);
        for (const auto data_blobs : std::initializer_list<std::uint64_t>{1, 20, 300, 5000})
        {
            for (std::uint64_t copies = 1; copies <= 6; ++copies)
            {
                const auto header = header_of(data_blobs, copies);
                std::vector<std::size_t> signers;
                for (std::size_t m = 0; m < count; ++m)
                {
                    signers.push_back(m);
                    if (!rule_for(header, committee, signers).holds())
                        continue;
                    EXPECT_TRUE(
                        tolerance_at(header, committee, signers, TARGET_FAULT_SHARE).recoverable)
                        << count << ' ' << data_blobs << ' ' << copies << ' ' << m;
                }
            }
        }
    }
}

}  // namespace
}  // namespace ashlar::test
