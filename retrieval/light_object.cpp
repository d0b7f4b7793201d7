#include "retrieval/light_object.hpp"

#include <atomic>
#include <map>
#include <thread>

#include "retrieval/blob_fetcher.hpp"

namespace ashlar
{
namespace
{

/// Members that may know of no certificate before none is taken for an answer.
constexpr std::size_t CERTIFICATE_ASKS_MAX = 4;

/// Walks on their way at once: they wait for the network, not for a core.
constexpr std::size_t WALKS_AT_ONCE = 16;

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

/// The signers made the full check, and for any third of the weight one of them is honest.
Result<void> check_backing(const FoundHeader& found, const Committee& committee, const Clock& clock)
{
    const auto& certificate = found.certificate;
    if (!certificate || certificate->expiry_unix_seconds <= clock.unix_seconds() ||
        !tolerance_at(found.header, committee, found.signers, TARGET_FAULT_SHARE).recoverable)
        return fail(ErrorKind::unavailable,
            "no certificate of object {} is in force that holds if a third of the weight is "
            "faulty: read it without trusting one",
            to_hex(found.header.root()));
    return {};
}

tl::unexpected<Error> invalid_object(const Bytes32& object_root, std::string_view why)
{
    return fail(ErrorKind::proof_invalid, "object {} is INVALID by its publisher's fault: {}",
        to_hex(object_root), why);
}

}  // namespace

/// What came of asking for one walk.
struct LightObject::WalkAnswer
{
    Bytes bytes;             ///< None if nobody gave it.
    std::size_t member = 0;  ///< Who gave it.
    std::vector<FalseAnswer> false_answers;
};

LightObject::LightObject(const Committee& committee, CommitteeNodes nodes, ObjectHeader header,
    FoldRecord record, std::optional<WalkChecker> checker)
  : committee_{&committee},
    nodes_{nodes},
    header_{std::move(header)},
    record_{std::move(record)},
    checker_{std::move(checker)},
    placement_{header_, committee},
    binding_{.header = header_.bytes(), .fold_record = record_.encode(), .certificate = {}},
    has_answered_(nodes.size(), 0)
{}

Result<LightObject> LightObject::open(const Bytes32& object_root, const Committee& committee,
    CommitteeNodes nodes, CommitmentTrust trust, const Clock& clock)
{
    std::vector<FalseAnswer> false_answers;
    ASHLAR_TRY(auto found,
        find_certified_header(object_root, committee, nodes, CERTIFICATE_ASKS_MAX, false_answers));
    ASHLAR_TRY(auto record, find_fold_record(found.header, nodes, false_answers));
    std::optional<WalkChecker> checker;
    if (trust == CommitmentTrust::certificate)
        ASHLAR_CHECK(check_backing(found, committee, clock));
    else
    {
        auto made = WalkChecker::make(fold_binding(found.header), record);
        if (!made)
            return invalid_object(object_root, made.error().message);
        checker = std::move(*made);
    }
    LightObject object{
        committee, nodes, std::move(found.header), std::move(record), std::move(checker)};
    object.binding_.certificate = std::move(found.certificate);
    object.signers_ = std::move(found.signers);
    object.false_answers_ = std::move(false_answers);
    return object;
}

/// Holders first: whoever gives the walk is asked for the blob as well. Among equals those that
/// have answered before: every new connection costs kilobytes of handshake.
std::vector<std::size_t> LightObject::order_for(std::uint64_t position) const
{
    std::vector<std::size_t> order;
    if (const auto stored = header_.shape().stored_index_of(position))
    {
        const auto holders = placement_.holders(*stored);
        order.assign(holders.begin(), holders.end());
    }
    const auto holder_count = static_cast<std::ptrdiff_t>(order.size());
    for (std::size_t m = 0; m < nodes_.size(); ++m)
    {
        if (std::find(order.begin(), order.begin() + holder_count, m) ==
            order.begin() + holder_count)
            order.push_back(m);
    }
    const auto answered = [&](std::size_t m) { return has_answered_[m] != 0; };
    std::stable_partition(order.begin(), order.begin() + holder_count, answered);
    std::stable_partition(order.begin() + holder_count, order.end(), answered);
    std::erase_if(order, [&](std::size_t m) { return nodes_[m] == nullptr; });
    return order;
}

LightObject::WalkAnswer LightObject::ask_walk(std::uint64_t position) const
{
    WalkAnswer answer;
    const auto binding = fold_binding(header_);
    for (const auto m : order_for(position))
    {
        auto bytes = nodes_[m]->get_walk(header_.root(), position);
        if (!bytes)
            continue;
        const auto parsed = parse_walk(binding, record_, position, *bytes);
        if (parsed)
        {
            answer.bytes = std::move(*bytes);
            answer.member = m;
            break;
        }
        answer.false_answers.push_back({m, "walk: " + parsed.error().message});
    }
    return answer;
}

/// Walks from positions of different fibers, in their order.
Result<std::vector<Bytes>> LightObject::ask_walks(std::span<const std::uint64_t> positions)
{
    std::vector<WalkAnswer> answers(positions.size());
    std::atomic<std::size_t> next{0};
    const auto ask = [&] {
        for (auto i = next++; i < positions.size(); i = next++)
            answers[i] = ask_walk(positions[i]);
    };
    if (positions.size() == 1)
        ask();
    else
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < std::min(WALKS_AT_ONCE, positions.size()); ++i)
            threads.emplace_back(ask);
    }
    std::vector<Bytes> walks;
    for (std::size_t i = 0; i < answers.size(); ++i)
    {
        std::ranges::move(answers[i].false_answers, std::back_inserter(false_answers_));
        if (answers[i].bytes.empty())
            return fail(
                ErrorKind::unavailable, "no node gave the walk from position {}", positions[i]);
        has_answered_[answers[i].member] = 1;
        walks.push_back(std::move(answers[i].bytes));
    }
    return walks;
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

/// Where the certificate is trusted, paths alone count, and those were followed.
Result<void> LightObject::check(std::span<const Walk> walks) const
{
    if (!checker_)
        return {};
    for (const auto& checked : checker_->check(walks))
    {
        if (!checked)
            return invalid_object(header_.root(), checked.error().message);
    }
    return {};
}

Result<std::vector<BoundCommitment>> LightObject::bind(std::span<const std::uint64_t> positions)
{
    const auto binding = fold_binding(header_);
    std::vector<BoundCommitment> bound;
    if (FoldGeometry::of(binding.shape).final_layer == 0)
    {
        std::ranges::transform(positions, std::back_inserter(bound),
            [&](auto position) { return bind_final(position); });
        return bound;
    }
    std::map<std::uint64_t, std::size_t> fibers;  // Which of the starts is a fiber's.
    std::vector<std::uint64_t> starts;
    for (const auto position : positions)
    {
        ASHLAR_ASSERT(position < binding.shape.position_count());
        if (fibers.emplace(FoldGeometry::fiber_of(position, 0), starts.size()).second)
            starts.push_back(position);
    }
    ASHLAR_TRY(const auto bytes, ask_walks(starts));
    std::vector<Walk> walks;
    for (const auto position : positions)
    {
        // Positions of one fiber have the same walk from there on.
        const auto& own = bytes[fibers.at(FoldGeometry::fiber_of(position, 0))];
        ASHLAR_TRY(auto walk, parse_walk(binding, record_, position, own));
        bound.push_back({.position = position,
            .commitment = walk.fibers.front().at(position % FOLD_FIBER),
            .path = commitment_path(binding, walk, own),
            .walk = own});
        walks.push_back(std::move(walk));
    }
    ASHLAR_CHECK(check(walks));
    return bound;
}

Result<std::vector<Bytes>> LightObject::blobs(std::span<const BoundCommitment> bound)
{
    std::vector<std::uint64_t> pieces;
    for (const auto& one : bound)
    {
        const auto stored = header_.shape().stored_index_of(one.position);
        if (!stored)
            return fail(
                ErrorKind::invalid_input, "the blob at position {} is not stored", one.position);
        pieces.push_back(*stored);
    }
    auto view = view_by_walks(*this);
    ASHLAR_CHECK(view.commitments->take(bound));
    ASHLAR_TRY(auto fetcher, BlobFetcher::make(view, *committee_, nodes_, {}));
    const auto required = fetcher.require(pieces, no_progress());
    std::ranges::copy(fetcher.false_answers(), std::back_inserter(false_answers_));
    ASHLAR_CHECK(required);
    std::vector<Bytes> blobs(pieces.size(), Bytes(BYTES_PER_BLOB));
    for (std::size_t i = 0; i < pieces.size(); ++i)
        ASHLAR_CHECK(fetcher.read(pieces[i], std::span{blobs[i]}.first<BYTES_PER_BLOB>()));
    return blobs;
}

Result<CellProof> LightObject::cell(const BoundCommitment& bound, std::uint64_t cell_index)
{
    const auto stored = header_.shape().stored_index_of(bound.position);
    if (!stored)
        return fail(
            ErrorKind::invalid_input, "the blob at position {} is not stored", bound.position);
    ASHLAR_TRY(const auto commitment, check_path(header_, bound));
    const auto holder_count = placement_.holders(*stored).size();
    const auto order = order_for(bound.position);
    for (const auto m : std::span{order}.first(std::min(order.size(), holder_count)))
    {
        const auto answer = nodes_[m]->get_cell(header_.root(), *stored, cell_index);
        if (!answer)
            continue;
        has_answered_[m] = 1;
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
