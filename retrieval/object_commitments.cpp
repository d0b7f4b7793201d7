#include "retrieval/object_commitments.hpp"

#include <set>

#include "base/cache.hpp"

namespace ashlar
{
namespace
{

Result<ObjectMetadata> fetch_metadata(
    const ObjectHeader& header, CommitteeNodes nodes, std::vector<FalseAnswer>& false_answers)
{
    for (std::size_t m = 0; m < nodes.size(); ++m)
    {
        if (nodes[m] == nullptr)
            continue;
        auto offered = nodes[m]->metadata(header.root());
        if (!offered)
            continue;
        const auto bound = check_metadata_roots(header, *offered);
        if (bound)
            return offered;
        false_answers.push_back({m, "metadata: " + bound.error().message});
    }
    return fail(ErrorKind::unavailable, "no node that answers has the commitments of object {}",
        to_hex(header.root()));
}

std::vector<Bytes32> split_hashes(ByteView hashes)
{
    std::vector<Bytes32> out;
    for (std::size_t at = 0; at < hashes.size(); at += sizeof(Bytes32))
        out.push_back(to_array(hashes.subspan(at).first<sizeof(Bytes32)>()));
    return out;
}

/// All commitments of an object that passed the full check, now or when this user read it before:
/// the root binds every byte of them, so one check is enough.
Result<std::vector<Commitment>> checked_codeword(
    const ObjectHeader& header, const ObjectMetadata& metadata)
{
    const auto name = "codeword-" + to_hex(header.root());
    Bytes32 passed;
    if (read_cache(name, passed) && passed == header.root())
        return parse_codeword(header.shape(), metadata);
    ASHLAR_TRY(auto codeword, check_codeword(header.shape(), metadata));
    write_cache(name, header.root());
    return codeword;
}

}  // namespace

Result<ObjectCommitments> fetch_commitments(
    const ObjectHeader& header, CommitteeNodes nodes, std::vector<FalseAnswer>& false_answers)
{
    ASHLAR_TRY(const auto metadata, fetch_metadata(header, nodes, false_answers));
    auto codeword = checked_codeword(header, metadata);
    if (!codeword)
        return fail(ErrorKind::proof_invalid, "object {} is INVALID by its publisher's fault: {}",
            to_hex(header.root()), codeword.error().message);
    return ObjectCommitments{std::move(*codeword), split_hashes(metadata.group_parity_hashes)};
}

ObjectCommitments::ObjectCommitments(
    std::vector<Commitment> codeword, std::vector<Bytes32> group_parity_hashes)
  : codeword_{std::move(codeword)}, group_parity_hashes_{std::move(group_parity_hashes)}
{}

bool ObjectCommitments::is_worth_walking(std::uint64_t fibers) const
{
    const auto& shape = light_->header().shape();
    const auto more = fibers * FoldGeometry::of(shape).walk_bytes();
    return walk_bytes_ + more <= MetadataSizes::of(shape).total();
}

Result<void> ObjectCommitments::expect(std::uint64_t position_count)
{
    if (is_whole() || is_worth_walking(position_count / FOLD_FIBER))
        return {};
    return learn_all();
}

Result<void> ObjectCommitments::learn(std::span<const std::uint64_t> positions)
{
    if (is_whole())
        return {};
    std::set<std::uint64_t> fibers;
    for (const auto position : positions)
    {
        if (!learned_.contains(position))
            fibers.insert(FoldGeometry::fiber_of(position, 0));
    }
    if (!is_worth_walking(fibers.size()))
        return learn_all();
    // A walk binds its whole fiber, and who reads one blob soon reads the next.
    std::vector<std::uint64_t> wanted;
    for (const auto fiber : fibers)
    {
        for (std::uint64_t i = 0; i < FOLD_FIBER; ++i)
            wanted.push_back(fiber * FOLD_FIBER + i);
    }
    if (wanted.empty())
        return {};
    ASHLAR_TRY(const auto bound, light_->bind(wanted));
    walk_bytes_ += fibers.size() * FoldGeometry::of(light_->header().shape()).walk_bytes();
    return take(bound);
}

Result<void> ObjectCommitments::take(std::span<const BoundCommitment> bound)
{
    for (const auto& one : bound)
    {
        ASHLAR_TRY(const auto commitment, check_path(light_->header(), one));
        learned_.insert_or_assign(one.position, commitment);
    }
    return {};
}

Result<void> ObjectCommitments::learn_all()
{
    if (is_whole())
        return {};
    ASHLAR_TRY(auto all, fetch_commitments(light_->header(), light_->nodes(), false_answers_));
    codeword_ = std::move(all.codeword_);
    group_parity_hashes_ = std::move(all.group_parity_hashes_);
    learned_.clear();
    light_ = nullptr;
    return {};
}

const Commitment& ObjectCommitments::at(std::uint64_t position) const
{
    if (is_whole())
        return codeword_[static_cast<std::size_t>(position)];
    const auto found = learned_.find(position);
    ASHLAR_ASSERT(found != learned_.end());
    return found->second;
}

std::span<const Commitment> ObjectCommitments::codeword() const
{
    ASHLAR_ASSERT(is_whole());
    return codeword_;
}

std::span<const Bytes32> ObjectCommitments::group_parity_hashes() const
{
    ASHLAR_ASSERT(is_whole());
    return group_parity_hashes_;
}

}  // namespace ashlar
