#include "retrieval/object_commitments.hpp"

#include <optional>
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

/// The note that an object passed the full check: its root, then the points of all positions as
/// blst has them in memory, unless they are too many to keep.
class CheckedNote
{
public:
    explicit CheckedNote(const ObjectHeader& header)
      : header_{header}, name_{"codeword-" + to_hex(header.root())}
    {}

    /// @return  nothing if there is no note of these commitments.
    [[nodiscard]] std::optional<std::vector<Commitment>> read(const ObjectMetadata& metadata) const
    {
        Bytes note(sizeof(Bytes32) + points_bytes());
        if (!read_cache(name_, note) || !equal(ByteView{note}.first<32>(), header_.root()))
            return std::nullopt;
        if (points_bytes() > 0)
            return take_points(ByteView{note}.subspan(sizeof(Bytes32)), metadata);
        auto codeword = parse_codeword(header_.shape(), metadata);
        return codeword ? std::optional{std::move(*codeword)} : std::nullopt;
    }

    void write(std::span<const Commitment> codeword) const
    {
        Bytes note{header_.root().begin(), header_.root().end()};
        if (points_bytes() > 0)
        {
            for (const auto& commitment : codeword)
                append(note, std::as_bytes(std::span{&commitment.point(), 1}));
        }
        write_cache(name_, note);
        trim_cache("codeword-", NOTES_MAX);
    }

private:
    static constexpr std::size_t POINTS_BYTES_MAX = std::size_t{48} << 20;
    static constexpr std::size_t NOTES_MAX = 16;

    [[nodiscard]] std::size_t points_bytes() const
    {
        const auto bytes = header_.shape().position_count() * sizeof(G1Affine);
        return bytes <= POINTS_BYTES_MAX ? static_cast<std::size_t>(bytes) : 0;
    }

    /// @return  nothing if these are not the commitments' points: another version of the program
    ///          may have had another layout.
    [[nodiscard]] std::optional<std::vector<Commitment>> take_points(
        ByteView bytes, const ObjectMetadata& metadata) const
    {
        const auto& shape = header_.shape();
        ByteView sent = metadata.commitments;
        std::vector<Commitment> codeword(static_cast<std::size_t>(shape.position_count()));
        for (std::uint64_t n = 0; n < codeword.size(); ++n)
        {
            if (shape.is_virtual(n))
                continue;
            G1Affine point;
            static_assert(std::is_trivially_copyable_v<G1Affine>);
            std::memcpy(&point, bytes.data() + n * sizeof(point), sizeof(point));
            codeword[n] = Commitment::from_point(point);
            if (!equal(codeword[n].bytes(), sent.first<BYTES_PER_G1>()))
                return std::nullopt;
            sent = sent.subspan(BYTES_PER_G1);
        }
        return codeword;
    }

    const ObjectHeader& header_;
    const std::string name_;
};

/// All commitments of an object that passed the full check, now or when this user read it before:
/// the root binds every byte of them, so one check is enough.
Result<std::vector<Commitment>> checked_codeword(
    const ObjectHeader& header, const ObjectMetadata& metadata)
{
    const CheckedNote note{header};
    if (auto noted = note.read(metadata))
        return *std::move(noted);
    ASHLAR_TRY(auto codeword, check_codeword(header.shape(), metadata));
    note.write(codeword);
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
