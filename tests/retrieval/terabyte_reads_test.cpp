#include <gtest/gtest.h>

#include <iostream>
#include <set>

#include "base/random.hpp"
#include "object/placement.hpp"
#include "tests/support/local_network.hpp"

namespace ashlar::test
{
namespace
{

constexpr std::size_t MEMBERS = 1'000;
constexpr std::size_t DOWN = MEMBERS / 20;
constexpr std::size_t READS = 1'000;
constexpr std::uint64_t TERABYTE = 1'000'000'000'000;
constexpr std::uint64_t READ_BYTES = 100'000'000;

ObjectHeader header_of_a_terabyte(const Committee& committee)
{
    HeaderFields fields;
    fields.payload_bytes = TERABYTE;
    fields.data_blobs = ObjectShape::data_blobs_for(TERABYTE);
    fields.directory_offset = (fields.data_blobs - 1) * PAYLOAD_BYTES_PER_BLOB;
    fields.parity_blobs = ObjectShape::default_parity_blobs(fields.data_blobs);
    fields.group_parities = GROUP_PARITIES_DEFAULT;
    fields.placement_seed = default_placement_seed(fields.commitments_root);
    fields.copies = copies_for(fields, committee);
    return ObjectHeader::make(fields).value();
}

/// Reads of payload bytes from members of whom some are down, as BlobFetcher makes them: a blob
/// from a holder, else from its group.
class SimulatedReads
{
public:
    SimulatedReads(const ObjectHeader& header, const Committee& committee)
      : shape_{header.shape()}, placement_{header, committee}, is_down_(committee.size(), 0)
    {}

    void take_down(SeededRandom& random)
    {
        std::ranges::fill(is_down_, std::uint8_t{0});
        for (std::size_t left = DOWN; left > 0;)
        {
            auto& flag = is_down_[random.below(is_down_.size())];
            left -= flag == 0 ? 1 : 0;
            flag = 1;
        }
    }

    /// A read's data blobs.
    [[nodiscard]] std::vector<std::uint64_t> blobs_at(std::uint64_t offset) const
    {
        std::vector<std::uint64_t> out;
        const auto last = (offset + READ_BYTES - 1) / PAYLOAD_BYTES_PER_BLOB;
        for (auto t = offset / PAYLOAD_BYTES_PER_BLOB; t <= last; ++t)
            out.push_back(t);
        return out;
    }

    [[nodiscard]] std::size_t members_touched(std::span<const std::uint64_t> blobs) const
    {
        std::set<std::size_t> touched;
        for (const auto blob : blobs)
            touched.insert(placement_.holders(blob).front());
        return touched.size();
    }

    [[nodiscard]] bool needs_no_decode(std::span<const std::uint64_t> blobs) const
    {
        return std::ranges::all_of(blobs, [&](std::uint64_t blob) {
            return is_there(blob) || lost_in_group(blob) <= shape_.group_parities();
        });
    }

private:
    [[nodiscard]] bool is_there(std::uint64_t piece) const
    {
        return std::ranges::any_of(
            placement_.holders(piece), [&](std::size_t member) { return is_down_[member] == 0; });
    }

    [[nodiscard]] std::uint64_t lost_in_group(std::uint64_t stored) const
    {
        const auto id = shape_.group_of(stored);
        std::uint64_t lost = 0;
        for (std::uint64_t i = 0; i < RUNS_PER_STRIPE; ++i)
        {
            const auto member = shape_.group_member(id, i);
            lost += member && !is_there(*member) ? 1 : 0;
        }
        for (std::uint64_t l = 0; l < shape_.group_parities(); ++l)
        {
            const auto parity = shape_.local_parity_index({.group_id = id, .parity = l});
            lost += is_there(shape_.stored_count() + parity) ? 0 : 1;
        }
        return lost;
    }

    ObjectShape shape_;
    Placement placement_;
    std::vector<std::uint8_t> is_down_;
};

TEST(terabyte_reads, hundred_megabytes_touch_few_of_a_thousand_nodes_and_seldom_need_a_decode)
{
    const auto committee = make_committee(MEMBERS);
    const auto header = header_of_a_terabyte(committee);
    SimulatedReads reads{header, committee};
    SeededRandom random{1};
    std::size_t touched_max = 0;
    std::size_t without_decode = 0;
    for (std::size_t i = 0; i < READS; ++i)
    {
        const auto blobs =
            reads.blobs_at(random.below(header.fields().directory_offset - READ_BYTES));
        touched_max = std::max(touched_max, reads.members_touched(blobs));
        reads.take_down(random);
        without_decode += reads.needs_no_decode(blobs) ? 1 : 0;
    }
    std::cout << READS << " reads of 100 MB of a terabyte on " << MEMBERS << " nodes, copies "
              << header.fields().copies << ": at most " << touched_max << " nodes touched; with "
              << DOWN << " down, " << without_decode << " need no decode beyond their groups\n";
    EXPECT_LE(touched_max, 20u);
    EXPECT_GE(without_decode, READS * 94 / 100);
}

}  // namespace
}  // namespace ashlar::test
