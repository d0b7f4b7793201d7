#include "retrieval/blob_fetcher.hpp"

#include <atomic>
#include <map>
#include <thread>

#include "base/hash.hpp"
#include "commitments/blob_batch.hpp"
#include "retrieval/piece_cache.hpp"

namespace ashlar
{
namespace
{

/// Blobs verified by one linear combination: its fixed cost, one commitment, is then small.
constexpr std::size_t VERIFY_BATCH = 256;

/// Index that no member has: for bytes that we rebuilt ourselves.
constexpr std::size_t NO_MEMBER = static_cast<std::size_t>(-1);

/// A piece that arrived from a member and is not verified yet.
struct Arrival
{
    std::uint64_t piece;
    std::size_t member;
};

std::vector<std::uint64_t> without_held(
    const PieceCache& cache, std::span<const std::uint64_t> pieces)
{
    std::vector<std::uint64_t> out;
    std::ranges::copy_if(
        pieces, std::back_inserter(out), [&](std::uint64_t p) { return !cache.holds(p); });
    return out;
}

}  // namespace

struct BlobFetcher::State
{
    const ObjectView& view;
    const ObjectShape& shape;
    Placement placement;
    CommitteeNodes nodes;
    std::uint64_t memory_bytes;
    std::filesystem::path scratch_folder;
    PieceCache cache;
    FetchCounts counts{};
    std::vector<FalseAnswer> false_answers{};
    std::vector<std::uint8_t> given_up{};  ///< Pieces that none of their holders gave.

    [[nodiscard]] Result<void> fetch(
        std::span<const std::uint64_t> pieces, ProgressListener& progress);
    [[nodiscard]] Result<void> fetch_copy(
        std::span<const std::uint64_t> pieces, std::size_t copy, ProgressListener& progress);
    [[nodiscard]] std::vector<Arrival> ask_member(std::size_t member,
        std::span<const std::uint64_t> pieces, const std::function<void()>& arrived,
        Result<void>& outcome);
    [[nodiscard]] Result<void> verify_arrivals(std::span<const Arrival> arrivals);
    [[nodiscard]] Result<void> verify_stored(std::span<const Arrival> arrivals);
    [[nodiscard]] Result<void> verify_local_parity(const Arrival& arrival);
    void blame(const Arrival& arrival);

    [[nodiscard]] Result<void> repair_groups(
        std::span<const std::uint64_t> missing, ProgressListener& progress);
    [[nodiscard]] Result<void> repair_one_group(GroupId id);
    [[nodiscard]] Result<void> decode(
        std::span<const std::uint64_t> missing, ProgressListener& progress);
    [[nodiscard]] Result<void> gather_enough(ProgressListener& progress);
    [[nodiscard]] std::uint64_t held_count() const;
};

/// Streams pieces from one member into the cache, unverified. Runs on a thread of its own.
std::vector<Arrival> BlobFetcher::State::ask_member(std::size_t member,
    std::span<const std::uint64_t> pieces, const std::function<void()>& arrived,
    Result<void>& outcome)
{
    std::vector<Arrival> arrivals;
    std::vector<std::uint8_t> seen(pieces.size(), 0);
    const auto store = [&](const PieceView& piece) -> Result<void> {
        const auto place = std::ranges::lower_bound(pieces, piece.piece);
        const auto index = static_cast<std::size_t>(place - pieces.begin());
        if (place == pieces.end() || *place != piece.piece || seen[index] != 0)
            return fail(ErrorKind::proof_invalid, "piece {} was not asked for", piece.piece);
        seen[index] = 1;
        ASHLAR_CHECK(cache.write(piece.piece, 0, piece.bytes));
        arrivals.push_back({.piece = piece.piece, .member = member});
        arrived();
        return {};
    };
    for (std::size_t at = 0; at < pieces.size() && outcome; at += PIECES_PER_REQUEST_MAX)
    {
        const auto count = std::min(PIECES_PER_REQUEST_MAX, pieces.size() - at);
        outcome = nodes[member]->get_pieces(view.header.root(), pieces.subspan(at, count), store);
    }
    return arrivals;
}

/// Asks the holders of one copy of each piece, all members at once, then verifies what came.
Result<void> BlobFetcher::State::fetch_copy(
    std::span<const std::uint64_t> pieces, std::size_t copy, ProgressListener& progress)
{
    std::map<std::size_t, std::vector<std::uint64_t>> by_member;
    for (const auto piece : pieces)
    {
        const auto holders = placement.holders(piece);
        if (copy < holders.size() && nodes[holders[copy]] != nullptr)
            by_member[holders[copy]].push_back(piece);
    }
    std::atomic<std::uint64_t> done{0};
    const auto arrived = [&] {
        progress.advance("fetch", ProgressUnit::bytes, (done.fetch_add(1) + 1) * BYTES_PER_BLOB,
            pieces.size() * BYTES_PER_BLOB);
    };
    std::vector<std::vector<Arrival>> arrivals(nodes.size());
    std::vector<Result<void>> outcomes(nodes.size());
    {
        std::vector<std::jthread> threads;
        for (auto& [member, wanted] : by_member)
        {
            std::ranges::sort(wanted);
            threads.emplace_back([&, m = member, list = std::span{std::as_const(wanted)}] {
                arrivals[m] = ask_member(m, list, arrived, outcomes[m]);
            });
        }
    }
    std::vector<Arrival> all;
    for (std::size_t m = 0; m < nodes.size(); ++m)
    {
        if (!outcomes[m] && outcomes[m].error().kind == ErrorKind::proof_invalid)
            false_answers.push_back({m, outcomes[m].error().message});
        // A full disk is ours to solve, not the node's fault.
        if (!outcomes[m] && outcomes[m].error().kind == ErrorKind::insufficient)
            return outcomes[m];
        all.insert(all.end(), arrivals[m].begin(), arrivals[m].end());
    }
    return verify_arrivals(all);
}

Result<void> BlobFetcher::State::fetch(
    std::span<const std::uint64_t> pieces, ProgressListener& progress)
{
    auto missing = without_held(cache, pieces);
    for (std::uint64_t copy = 0; copy < view.header.fields().copies && !missing.empty(); ++copy)
    {
        ASHLAR_CHECK(fetch_copy(missing, static_cast<std::size_t>(copy), progress));
        missing = without_held(cache, missing);
    }
    for (const auto piece : missing)
        given_up[piece] = 1;
    return {};
}

void BlobFetcher::State::blame(const Arrival& arrival)
{
    if (arrival.member != NO_MEMBER)
        false_answers.push_back(
            {arrival.member, fmt::format("piece {} does not match its commitment", arrival.piece)});
}

Result<void> BlobFetcher::State::verify_local_parity(const Arrival& arrival)
{
    Bytes bytes(BYTES_PER_BLOB);
    ASHLAR_CHECK(cache.read(arrival.piece, 0, bytes));
    if (sha256(bytes) == view.group_parity_hashes[arrival.piece - shape.stored_count()])
        cache.mark_verified(arrival.piece);
    else
        blame(arrival);
    return {};
}

/// One linear combination over the batch; only a failing batch is searched for who lied.
Result<void> BlobFetcher::State::verify_stored(std::span<const Arrival> arrivals)
{
    Bytes bytes(arrivals.size() * BYTES_PER_BLOB);
    std::vector<BlobClaim> claims;
    for (std::size_t i = 0; i < arrivals.size(); ++i)
    {
        const auto blob = std::span{bytes}.subspan(i * BYTES_PER_BLOB).first<BYTES_PER_BLOB>();
        ASHLAR_CHECK(cache.read(arrivals[i].piece, 0, blob));
        claims.push_back({blob, view.codeword[shape.position_of(arrivals[i].piece)]});
    }
    std::vector<std::size_t> bad;
    if (!verify_blobs(claims))
        bad = find_false_blobs(claims);
    for (std::size_t i = 0; i < arrivals.size(); ++i)
    {
        if (std::ranges::find(bad, i) == bad.end())
            cache.mark_verified(arrivals[i].piece);
        else
            blame(arrivals[i]);
    }
    return {};
}

Result<void> BlobFetcher::State::verify_arrivals(std::span<const Arrival> arrivals)
{
    std::vector<Arrival> stored;
    for (const auto& arrival : arrivals)
    {
        if (arrival.piece < shape.stored_count())
            stored.push_back(arrival);
        else
            ASHLAR_CHECK(verify_local_parity(arrival));
    }
    for (std::size_t at = 0; at < stored.size(); at += VERIFY_BATCH)
    {
        const auto count = std::min(VERIFY_BATCH, stored.size() - at);
        ASHLAR_CHECK(verify_stored(std::span{stored}.subspan(at, count)));
    }
    counts.fetched += arrivals.size();
    counts.bytes_received += arrivals.size() * BYTES_PER_BLOB;
    return {};
}

Result<void> BlobFetcher::State::repair_one_group(GroupId id)
{
    const auto parities = shape.group_parities();
    std::vector<Bytes> buffers(RUNS_PER_STRIPE + static_cast<std::size_t>(parities));
    std::vector<GroupSlot> slots(buffers.size());
    std::vector<Arrival> rebuilt;
    for (std::size_t s = 0; s < slots.size(); ++s)
    {
        const bool is_member = s < RUNS_PER_STRIPE;
        const auto piece =
            is_member
                ? shape.group_member(id, s)
                : std::optional{shape.stored_count() + shape.local_parity_index({.group_id = id,
                                                           .parity = s - RUNS_PER_STRIPE})};
        if (!piece)
            continue;
        slots[s].state = GroupSlot::State::absent;
        if (cache.holds(*piece))
            slots[s].state = GroupSlot::State::present;
        else if (is_member)
            slots[s].state = GroupSlot::State::wanted;
        if (slots[s].state == GroupSlot::State::absent)
            continue;
        buffers[s].resize(BYTES_PER_BLOB);
        slots[s].buffer = buffers[s];
        if (cache.holds(*piece))
            ASHLAR_CHECK(cache.read(*piece, 0, buffers[s]));
        else
            rebuilt.push_back({.piece = *piece, .member = NO_MEMBER});
    }
    if (!repair_group(slots))
        return {};
    for (const auto& arrival : rebuilt)
    {
        const auto member = (arrival.piece / shape.run_blobs()) % RUNS_PER_STRIPE;
        ASHLAR_CHECK(cache.write(arrival.piece, 0, buffers[member]));
    }
    // Local parities are the publisher's claim: what they rebuild counts only if it matches.
    ASHLAR_CHECK(verify_stored(rebuilt));
    counts.group_repaired += static_cast<std::uint64_t>(std::ranges::count_if(
        rebuilt, [&](const Arrival& arrival) { return cache.holds(arrival.piece); }));
    return {};
}

Result<void> BlobFetcher::State::repair_groups(
    std::span<const std::uint64_t> missing, ProgressListener& progress)
{
    if (shape.group_parities() == 0)
        return {};
    std::map<std::pair<std::uint64_t, std::uint64_t>, GroupId> groups;
    for (const auto stored : missing)
    {
        const auto id = shape.group_of(stored);
        groups[{id.stripe, id.group}] = id;
    }
    std::vector<std::uint64_t> helpers;
    for (const auto& [key, id] : groups)
    {
        for (std::uint64_t i = 0; i < RUNS_PER_STRIPE; ++i)
        {
            const auto member = shape.group_member(id, i);
            if (member && given_up[*member] == 0)
                helpers.push_back(*member);
        }
        for (std::uint64_t l = 0; l < shape.group_parities(); ++l)
            helpers.push_back(
                shape.stored_count() + shape.local_parity_index({.group_id = id, .parity = l}));
    }
    ASHLAR_CHECK(fetch(helpers, progress));
    for (const auto& [key, id] : groups)
        ASHLAR_CHECK(repair_one_group(id));
    return {};
}

std::uint64_t BlobFetcher::State::held_count() const
{
    const auto stored = cache.flags().first(static_cast<std::size_t>(shape.stored_count()));
    return static_cast<std::uint64_t>(std::ranges::count(stored, std::uint8_t{1}));
}

/// Fetches stored blobs until K are held, as few as possible beyond.
Result<void> BlobFetcher::State::gather_enough(ProgressListener& progress)
{
    for (;;)
    {
        const auto held = held_count();
        if (held >= shape.data_blobs())
            return {};
        std::vector<std::uint64_t> next;
        for (std::uint64_t t = 0; t < shape.stored_count(); ++t)
        {
            if (!cache.holds(t) && given_up[t] == 0 && next.size() < shape.data_blobs() - held)
                next.push_back(t);
        }
        if (next.empty())
            return fail(ErrorKind::insufficient,
                "{} of {} stored positions can be had and {} are needed: {} positions are "
                "missing; bring nodes back and try again",
                held, shape.stored_count(), shape.data_blobs(), shape.data_blobs() - held);
        ASHLAR_CHECK(fetch(next, progress));
    }
}

Result<void> BlobFetcher::State::decode(
    std::span<const std::uint64_t> missing, ProgressListener& progress)
{
    ASHLAR_CHECK(gather_enough(progress));
    const auto report = [&](std::size_t parts) {
        progress.advance("decode", ProgressUnit::items, parts, ELEMENTS_PER_BLOB);
        return true;
    };
    const auto present = cache.flags().first(static_cast<std::size_t>(shape.stored_count()));
    ASHLAR_CHECK(decode_object(shape, cache, present, missing, cache,
        {.memory_bytes = memory_bytes,
            .progress = report,
            .columns = {},
            .scratch_folder = scratch_folder}));
    std::vector<Arrival> rebuilt;
    for (const auto stored : missing)
        rebuilt.push_back({.piece = stored, .member = NO_MEMBER});
    for (std::size_t at = 0; at < rebuilt.size(); at += VERIFY_BATCH)
        ASHLAR_CHECK(verify_stored(
            std::span{rebuilt}.subspan(at, std::min(VERIFY_BATCH, rebuilt.size() - at))));
    counts.decoded += missing.size();
    return {};
}

BlobFetcher::BlobFetcher(std::unique_ptr<State> state) : state_{std::move(state)}
{}
BlobFetcher::BlobFetcher(BlobFetcher&&) noexcept = default;
BlobFetcher::~BlobFetcher() = default;

Result<BlobFetcher> BlobFetcher::make(const ObjectView& view, const Committee& committee,
    CommitteeNodes nodes, const FetchOptions& options)
{
    ASHLAR_ASSERT(nodes.size() == committee.size());
    const auto& shape = view.header.shape();
    ASHLAR_TRY(auto cache, PieceCache::make(options.scratch_folder, piece_count(shape)));
    return BlobFetcher{std::unique_ptr<State>{new State{.view = view,
        .shape = shape,
        .placement = Placement{view.header, committee},
        .nodes = nodes,
        .memory_bytes = options.memory_bytes,
        .scratch_folder = options.scratch_folder,
        .cache = std::move(cache)}}};
}

Result<void> BlobFetcher::require(std::span<const std::uint64_t> stored, ProgressListener& progress)
{
    auto& state = *state_;
    state.given_up.assign(state.cache.flags().size(), 0);
    ASHLAR_CHECK(state.fetch(stored, progress));
    auto missing = without_held(state.cache, stored);
    if (missing.empty())
        return {};
    ASHLAR_CHECK(state.repair_groups(missing, progress));
    missing = without_held(state.cache, missing);
    if (missing.empty())
        return {};
    ASHLAR_CHECK(state.decode(missing, progress));
    if (!without_held(state.cache, missing).empty())
        return fail(ErrorKind::corrupted, "decoded blobs do not match their commitments");
    return {};
}

Result<void> BlobFetcher::read(std::uint64_t stored, std::span<std::byte, BYTES_PER_BLOB> out) const
{
    ASHLAR_ASSERT(state_->cache.holds(stored));
    return state_->cache.read(stored, 0, out);
}

const FetchCounts& BlobFetcher::counts() const noexcept
{
    return state_->counts;
}

const std::vector<FalseAnswer>& BlobFetcher::false_answers() const noexcept
{
    return state_->false_answers;
}

}  // namespace ashlar
