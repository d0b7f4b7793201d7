#include "rollup/light_object.hpp"

#include <map>

#include "commitments/blob_batch.hpp"
#include "retrieval/fetch.hpp"

namespace ashlar
{
namespace
{

/// Members that may know of no certificate before none is taken for an answer.
constexpr std::size_t CERTIFICATE_ASKS_MAX = 4;

Result<FoldRecord> find_fold_record(
    const ObjectHeader& header, CommitteeNodes nodes, std::vector<FalseAnswer>& false_answers)
{
    for (std::size_t m = 0; m < nodes.size(); ++m)
    {
        if (nodes[m] == nullptr)
            continue;
        const auto bytes = nodes[m]->fold_record(header.root());
        if (!bytes)
            continue;
        auto record = FoldRecord::parse_for(header.shape(), header.fields().fold_root, *bytes);
        if (record)
            return record;
        false_answers.push_back({m, "fold record: " + record.error().message});
    }
    return fail(
        ErrorKind::unavailable, "no node gave the fold record of object {}", to_hex(header.root()));
}

/// A blob from one member, not checked yet; no bytes if it does not have it.
Bytes ask_blob(NodeApi& node, const Bytes32& object_root, std::uint64_t stored)
{
    Bytes blob;
    const auto answered =
        node.get_pieces(object_root, std::array{stored}, [&](const PieceView& piece) {
            blob.assign(piece.bytes.begin(), piece.bytes.end());
            return Result<void>{};
        });
    return answered ? blob : Bytes{};
}

}  // namespace

LightObject::LightObject(const Committee& committee, CommitteeNodes nodes, ObjectHeader header,
    FoldRecord record, WalkChecker checker)
  : committee_{&committee},
    nodes_{nodes},
    header_{std::move(header)},
    record_{std::move(record)},
    checker_{std::move(checker)},
    placement_{header_, committee},
    binding_{.header = header_.bytes(), .fold_record = record_.encode(), .certificate = {}}
{}

Result<LightObject> LightObject::open(
    const Bytes32& object_root, const Committee& committee, CommitteeNodes nodes)
{
    std::vector<FalseAnswer> false_answers;
    ASHLAR_TRY(auto found,
        find_certified_header(object_root, committee, nodes, CERTIFICATE_ASKS_MAX, false_answers));
    ASHLAR_TRY(auto record, find_fold_record(found.header, nodes, false_answers));
    auto checker = WalkChecker::make(fold_binding(found.header), record);
    if (!checker)
        return fail(ErrorKind::proof_invalid, "object {} is INVALID by its publisher's fault: {}",
            to_hex(object_root), checker.error().message);
    LightObject object{
        committee, nodes, std::move(found.header), std::move(record), std::move(*checker)};
    object.binding_.certificate = std::move(found.certificate);
    object.signers_ = std::move(found.signers);
    object.false_answers_ = std::move(false_answers);
    return object;
}

std::vector<std::size_t> LightObject::order_for(std::uint64_t position) const
{
    // Holders first: whoever gives the walk is asked for the blob as well, over one connection.
    std::vector<std::size_t> order;
    if (const auto stored = header_.shape().stored_index_of(position))
    {
        const auto holders = placement_.holders(*stored);
        order.assign(holders.begin(), holders.end());
    }
    const auto holder_count = order.size();
    for (std::size_t m = 0; m < nodes_.size(); ++m)
    {
        const auto holders = std::span{order}.first(holder_count);
        if (std::ranges::find(holders, m) == holders.end())
            order.push_back(m);
    }
    std::erase_if(order, [&](std::size_t m) { return nodes_[m] == nullptr; });
    return order;
}

Result<Bytes> LightObject::ask_walk(std::uint64_t position)
{
    const auto binding = fold_binding(header_);
    for (const auto m : order_for(position))
    {
        auto bytes = nodes_[m]->get_walk(header_.root(), position);
        if (!bytes)
            continue;
        const auto parsed = parse_walk(binding, record_, position, *bytes);
        if (parsed)
            return bytes;
        false_answers_.push_back({m, "walk: " + parsed.error().message});
    }
    return fail(ErrorKind::unavailable, "no node gave the walk from position {}", position);
}

BoundCommitment LightObject::bind_final(std::uint64_t position) const
{
    // J = 0: the record is the commitments, and its root was checked against theirs.
    std::vector<Bytes32> leaves(record_.final_points.size());
    std::ranges::transform(record_.final_points, leaves.begin(), commitment_leaf);
    const auto n = static_cast<std::size_t>(position);
    return {.position = position,
        .commitment = record_.final_points[n],
        .path = MerkleTree::make(std::move(leaves)).path(n),
        .walk = {}};
}

Result<std::vector<BoundCommitment>> LightObject::bind(std::span<const std::uint64_t> positions)
{
    const auto binding = fold_binding(header_);
    std::map<std::uint64_t, Bytes> walk_of_fiber;
    std::vector<BoundCommitment> bound;
    std::vector<Walk> walks;
    for (const auto position : positions)
    {
        ASHLAR_ASSERT(position < binding.shape.position_count());
        if (FoldGeometry::of(binding.shape).final_layer == 0)
        {
            bound.push_back(bind_final(position));
            continue;
        }
        auto& bytes = walk_of_fiber[FoldGeometry::fiber_of(position, 0)];
        if (bytes.empty())
        {
            ASHLAR_TRY(bytes, ask_walk(position));
        }
        // Positions of one fiber have the same walk from there on.
        ASHLAR_TRY(auto walk, parse_walk(binding, record_, position, bytes));
        bound.push_back({.position = position,
            .commitment = walk.fibers.front().at(position % FOLD_FIBER),
            .path = commitment_path(binding, walk, bytes),
            .walk = bytes});
        walks.push_back(std::move(walk));
    }
    for (const auto& checked : checker_.check(walks))
    {
        if (!checked)
            return fail(ErrorKind::proof_invalid,
                "object {} is INVALID by its publisher's fault: {}", to_hex(header_.root()),
                checked.error().message);
    }
    return bound;
}

void LightObject::take_blobs_of_copy(std::size_t copy, std::span<const BoundCommitment> bound,
    std::span<const Commitment> commitments, std::vector<Bytes>& blobs)
{
    std::vector<BlobClaim> claims;
    std::vector<std::pair<std::size_t, std::size_t>> sources;  // index into bound, member
    for (std::size_t i = 0; i < bound.size(); ++i)
    {
        const auto stored = *header_.shape().stored_index_of(bound[i].position);
        const auto holders = placement_.holders(stored);
        if (!blobs[i].empty() || copy >= holders.size() || nodes_[holders[copy]] == nullptr)
            continue;
        blobs[i] = ask_blob(*nodes_[holders[copy]], header_.root(), stored);
        if (blobs[i].empty())
            continue;
        claims.push_back({ByteView{blobs[i]}.first<BYTES_PER_BLOB>(), commitments[i]});
        sources.emplace_back(i, holders[copy]);
    }
    if (verify_blobs(claims))
        return;
    for (const auto wrong : find_false_blobs(claims))
    {
        const auto [i, member] = sources[wrong];
        false_answers_.push_back(
            {member, fmt::format("the blob at position {} is another one", bound[i].position)});
        blobs[i].clear();
    }
}

Result<void> LightObject::recover(std::span<const BoundCommitment> bound, std::vector<Bytes>& blobs)
{
    std::vector<std::uint64_t> missing;
    for (std::size_t i = 0; i < bound.size(); ++i)
    {
        if (blobs[i].empty())
            missing.push_back(*header_.shape().stored_index_of(bound[i].position));
    }
    if (missing.empty())
        return {};
    ASHLAR_TRY(const auto view, open_object(header_.root(), *committee_, nodes_));
    ASHLAR_TRY(auto fetcher, BlobFetcher::make(view, *committee_, nodes_, {}));
    ASHLAR_CHECK(fetcher.require(missing, no_progress()));
    for (std::size_t i = 0, next = 0; i < bound.size(); ++i)
    {
        if (!blobs[i].empty())
            continue;
        blobs[i].resize(BYTES_PER_BLOB);
        ASHLAR_CHECK(fetcher.read(missing[next++], std::span{blobs[i]}.first<BYTES_PER_BLOB>()));
    }
    return {};
}

Result<std::vector<Bytes>> LightObject::blobs(std::span<const BoundCommitment> bound)
{
    std::vector<Commitment> commitments;
    std::size_t copies = 0;
    for (const auto& one : bound)
    {
        const auto stored = header_.shape().stored_index_of(one.position);
        if (!stored)
            return fail(
                ErrorKind::invalid_input, "the blob at position {} is not stored", one.position);
        copies = std::max(copies, placement_.holders(*stored).size());
        ASHLAR_TRY(const auto commitment, check_path(header_, one));
        commitments.push_back(commitment);
    }
    std::vector<Bytes> blobs(bound.size());
    for (std::size_t copy = 0; copy < copies; ++copy)
        take_blobs_of_copy(copy, bound, commitments, blobs);
    ASHLAR_CHECK(recover(bound, blobs));
    return blobs;
}

Result<CellProof> LightObject::cell(const BoundCommitment& bound, std::uint64_t cell_index)
{
    const auto stored = header_.shape().stored_index_of(bound.position);
    if (!stored)
        return fail(
            ErrorKind::invalid_input, "the blob at position {} is not stored", bound.position);
    ASHLAR_TRY(const auto commitment, check_path(header_, bound));
    for (const auto m : placement_.holders(*stored))
    {
        if (nodes_[m] == nullptr)
            continue;
        const auto answer = nodes_[m]->get_cell(header_.root(), *stored, cell_index);
        if (!answer)
            continue;
        const auto proof = Proof::parse(answer->proof);
        const CellClaim claim{commitment, cell_index, answer->cell, proof ? *proof : Proof{}};
        if (proof && verify_cells({&claim, 1}))
            return CellProof{.cell = answer->cell, .proof = *proof};
        false_answers_.push_back({m, fmt::format("cell {} is another one", cell_index)});
    }
    ASHLAR_TRY(const auto blob, blobs({&bound, 1}));
    return compute_cell_and_proof(ByteView{blob[0]}.first<BYTES_PER_BLOB>(), cell_index);
}

}  // namespace ashlar
