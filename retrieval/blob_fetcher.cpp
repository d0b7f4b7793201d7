#include "retrieval/blob_fetcher.hpp"

#include <atomic>
#include <set>

#include "base/parallel.hpp"
#include "retrieval/piece_check.hpp"
#include "retrieval/piece_download.hpp"
#include "retrieval/piece_store.hpp"

namespace ashlar
{
namespace
{

/// Groups repaired, and decoded blobs verified, at a time.
constexpr std::size_t GROUPS_AT_ONCE = 32;
constexpr std::size_t DECODED_AT_ONCE = 256;

/// A piece that we rebuilt ourselves: it counts only if it matches its commitment or hash.
struct Rebuilt
{
    std::uint64_t piece;
    Bytes bytes;
};

std::vector<std::uint64_t> without_held(
    const PieceStore& store, std::span<const std::uint64_t> pieces)
{
    std::vector<std::uint64_t> out;
    std::ranges::copy_if(
        pieces, std::back_inserter(out), [&](std::uint64_t p) { return !store.holds(p); });
    return out;
}

/// Calls visit(slot, piece) for the pieces of a group: its members, then its local parities.
template <typename Visit>
void for_each_in_group(const ObjectShape& shape, GroupId id, Visit&& visit)
{
    for (std::size_t i = 0; i < RUNS_PER_STRIPE; ++i)
    {
        if (const auto member = shape.group_member(id, i))
            visit(i, *member);
    }
    for (std::uint64_t l = 0; l < shape.group_parities(); ++l)
        visit(RUNS_PER_STRIPE + static_cast<std::size_t>(l),
            shape.stored_count() + shape.local_parity_index({.group_id = id, .parity = l}));
}

/// The group of a stored blob or local parity.
GroupId group_of_piece(const ObjectShape& shape, std::uint64_t piece)
{
    return piece < shape.stored_count()
               ? shape.group_of(piece)
               : shape.local_parity_at(piece - shape.stored_count()).group_id;
}

/// Drops what an earlier run kept and is not what it should be.
Result<void> verify_kept(const ObjectView& view, PieceStore& store)
{
    const auto& shape = view.header.shape();
    const auto count = piece_count(shape);
    std::vector<std::uint64_t> kept;
    for (std::uint64_t piece = 0; piece < shape.stored_count(); ++piece)
    {
        if (store.holds(piece))
            kept.push_back(piece);
    }
    ASHLAR_CHECK(verify_arrived(view, kept, store));
    Bytes buffer(BYTES_PER_BLOB);
    for (auto piece = shape.stored_count(); piece < count; ++piece)
    {
        if (!store.holds(piece))
            continue;
        ASHLAR_CHECK(store.read(piece, 0, buffer));
        const PieceContents parity{piece, BlobView{buffer}};
        if (!find_false_pieces(view, {&parity, 1}).empty())
            ASHLAR_CHECK(store.revoke(piece));
    }
    return {};
}

/// The missing pieces of a group, not verified yet; none if it has lost too much. Local parities
/// only where `wants_parity`, one flag per piece, says so.
Result<std::vector<Rebuilt>> repair_one_group(const ObjectShape& shape, const PieceStore& store,
    GroupId id, std::span<const std::uint8_t> wants_parity)
{
    const auto count = RUNS_PER_STRIPE + static_cast<std::size_t>(shape.group_parities());
    std::vector<Bytes> buffers(count, Bytes(BYTES_PER_BLOB));
    std::vector<GroupSlot> slots(count);
    std::vector<std::pair<std::size_t, std::uint64_t>> wanted;
    Result<void> outcome;
    for_each_in_group(shape, id, [&](std::size_t slot, std::uint64_t piece) {
        slots[slot].buffer = buffers[slot];
        if (store.holds(piece))
        {
            slots[slot].state = GroupSlot::State::present;
            if (outcome)
                outcome = store.read(piece, 0, buffers[slot]);
        }
        else if (slot < RUNS_PER_STRIPE || wants_parity[piece] != 0)
        {
            slots[slot].state = GroupSlot::State::wanted;
            wanted.emplace_back(slot, piece);
        }
        else
            slots[slot].state = GroupSlot::State::absent;
    });
    ASHLAR_CHECK(outcome);
    std::vector<Rebuilt> rebuilt;
    if (!repair_group(slots))
        return rebuilt;
    for (const auto& [slot, piece] : wanted)
        rebuilt.push_back({.piece = piece, .bytes = std::move(buffers[slot])});
    return rebuilt;
}

}  // namespace

struct BlobFetcher::State
{
    const ObjectView& view;
    const ObjectShape& shape;
    Placement placement;
    CommitteeNodes nodes;
    FetchOptions options;
    PieceStore store;
    FetchCounts counts{};
    std::vector<FalseAnswer> false_answers{};
    std::vector<std::uint8_t> given_up{};  ///< Pieces that none of their holders gave.
    std::vector<std::uint8_t> wanted{};    ///< Pieces that were asked for.
    bool has_unseen_parities = false;      ///< Held since before the commitments were whole.

    /// @param columns  Of what must be decoded; less than all leaves the rest undone.
    /// @return  the columns that are there.
    [[nodiscard]] Result<std::size_t> obtain(std::span<const std::uint64_t> pieces,
        const CellColumns& columns, ProgressListener& progress);
    [[nodiscard]] Result<void> fetch(
        std::span<const std::uint64_t> pieces, ProgressListener& progress);
    [[nodiscard]] Result<void> learn(std::span<const std::uint64_t> pieces);
    [[nodiscard]] PieceRequests ask_for_copy(
        std::span<const std::uint64_t> pieces, std::uint64_t copy) const;

    [[nodiscard]] Result<void> repair_groups(
        std::span<const std::uint64_t> missing, ProgressListener& progress);
    [[nodiscard]] Result<std::uint64_t> keep_rebuilt(std::span<const Rebuilt> rebuilt);
    [[nodiscard]] Result<void> look_at_parities(
        std::span<const std::uint64_t> missing, ProgressListener& progress);

    [[nodiscard]] std::vector<std::uint64_t> to_decode(
        std::span<const std::uint64_t> missing) const;
    [[nodiscard]] Result<void> decode(
        std::span<const std::uint64_t> missing, ProgressListener& progress);
    [[nodiscard]] Result<std::size_t> decode_kept(std::span<const std::uint64_t> missing,
        const CellColumns& columns, ProgressListener& progress);
    [[nodiscard]] Result<void> gather_enough(ProgressListener& progress);

    /// decode_object() of some columns.
    [[nodiscard]] Result<void> run_code(std::span<const std::uint64_t> missing,
        const ColumnRange& columns, SliceWriter& writer, ProgressListener& progress);

    /// Keeps decoded blobs.
    /// @param read  Bytes of missing[i].
    [[nodiscard]] Result<void> keep_decoded(std::span<const std::uint64_t> missing,
        const std::function<Result<void>(std::size_t, BlobBuffer)>& read);
};

/// The members to ask for one copy of each piece.
PieceRequests BlobFetcher::State::ask_for_copy(
    std::span<const std::uint64_t> pieces, std::uint64_t copy) const
{
    PieceRequests requests;
    for (const auto piece : pieces)
    {
        const auto holders = placement.holders(piece);
        if (copy < holders.size() && nodes[holders[copy]] != nullptr)
            requests[holders[copy]].push_back(piece);
    }
    for (auto& [member, list] : requests)
        std::ranges::sort(list);
    return requests;
}

/// Makes the commitments of pieces known that are about to be checked against them.
Result<void> BlobFetcher::State::learn(std::span<const std::uint64_t> pieces)
{
    if (view.commitments->is_whole())
        return {};
    std::vector<std::uint64_t> positions;
    for (const auto piece : pieces)
    {
        if (piece < shape.stored_count())
            positions.push_back(shape.position_of(piece));
        else
            has_unseen_parities = true;
    }
    return view.commitments->learn(positions);
}

Result<void> BlobFetcher::State::fetch(
    std::span<const std::uint64_t> pieces, ProgressListener& progress)
{
    auto missing = without_held(store, pieces);
    ASHLAR_CHECK(learn(missing));
    const auto total_bytes = missing.size() * BYTES_PER_BLOB;
    std::atomic<std::uint64_t> done{0};
    const auto arrived = [&] {
        progress.advance(
            "fetch", ProgressUnit::bytes, (done.fetch_add(1) + 1) * BYTES_PER_BLOB, total_bytes);
    };
    for (std::uint64_t copy = 0; copy < view.header.fields().copies && !missing.empty(); ++copy)
    {
        ASHLAR_TRY(auto report, download_pieces(view, nodes, ask_for_copy(missing, copy),
                                    {.memory_bytes = options.memory_bytes}, store, arrived));
        counts.fetched += report.pieces_received;
        counts.bytes_received += report.bytes_received;
        std::ranges::move(report.false_answers, std::back_inserter(false_answers));
        missing = without_held(store, missing);
    }
    for (const auto piece : missing)
        given_up[piece] = 1;
    return {};
}

/// Keeps those that match their commitments.
/// @return  how many did.
Result<std::uint64_t> BlobFetcher::State::keep_rebuilt(std::span<const Rebuilt> rebuilt)
{
    std::vector<PieceContents> pieces;
    for (const auto& blob : rebuilt)
        pieces.push_back({blob.piece, BlobView{blob.bytes}});
    const auto bad = find_false_pieces(view, pieces);
    for (std::size_t i = 0; i < pieces.size(); ++i)
    {
        if (!std::ranges::binary_search(bad, i))
            ASHLAR_CHECK(store.put(pieces[i]));
    }
    return pieces.size() - bad.size();
}

/// Rebuilds what can be rebuilt from the groups of the missing blobs. Local parities are the
/// publisher's claim: what they give counts only if it matches.
Result<void> BlobFetcher::State::repair_groups(
    std::span<const std::uint64_t> missing, ProgressListener& progress)
{
    std::set<std::pair<std::uint64_t, std::uint64_t>> touched;
    for (const auto piece : missing)
    {
        const auto id = group_of_piece(shape, piece);
        touched.emplace(id.stripe, id.group);
    }
    std::vector<GroupId> groups;
    std::vector<std::uint64_t> helpers;
    for (const auto& [stripe, group] : touched)
    {
        groups.push_back({.stripe = stripe, .group = group});
        for_each_in_group(shape, groups.back(), [&](std::size_t, std::uint64_t piece) {
            if (given_up[piece] == 0)
                helpers.push_back(piece);
        });
    }
    ASHLAR_CHECK(fetch(helpers, progress));
    for (std::size_t at = 0; at < groups.size(); at += GROUPS_AT_ONCE)
    {
        const auto count = std::min(GROUPS_AT_ONCE, groups.size() - at);
        std::vector<std::vector<Rebuilt>> parts(count);
        ASHLAR_CHECK(try_parallel_for(count, [&](std::size_t i) -> Result<void> {
            ASHLAR_TRY(parts[i], repair_one_group(shape, store, groups[at + i], wanted));
            return {};
        }));
        std::vector<Rebuilt> rebuilt;
        for (auto& part : parts)
            std::ranges::move(part, std::back_inserter(rebuilt));
        ASHLAR_TRY(const auto kept, keep_rebuilt(rebuilt));
        counts.group_repaired += kept;
        progress.advance("repair", ProgressUnit::items, at + count, groups.size());
    }
    return {};
}

/// Groups once more, after local parities that nobody could judge made them fail: with all
/// commitments their hashes are there, and who sent a false one is known.
Result<void> BlobFetcher::State::look_at_parities(
    std::span<const std::uint64_t> missing, ProgressListener& progress)
{
    if (!has_unseen_parities || missing.empty())
        return {};
    has_unseen_parities = false;
    ASHLAR_CHECK(view.commitments->learn_all());
    ASHLAR_CHECK(verify_kept(view, store));
    return repair_groups(missing, progress);
}

/// Fetches stored blobs until K are held, as few as possible beyond.
Result<void> BlobFetcher::State::gather_enough(ProgressListener& progress)
{
    for (;;)
    {
        const auto flags = store.flags(shape.stored_count());
        const auto held = static_cast<std::uint64_t>(std::ranges::count(flags, std::uint8_t{1}));
        if (held >= shape.data_blobs())
            return {};
        std::vector<std::uint64_t> next;
        for (std::uint64_t t = 0; t < shape.stored_count(); ++t)
        {
            if (flags[t] == 0 && given_up[t] == 0 && next.size() < shape.data_blobs() - held)
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

Result<void> BlobFetcher::State::run_code(std::span<const std::uint64_t> missing,
    const ColumnRange& columns, SliceWriter& writer, ProgressListener& progress)
{
    ASHLAR_CHECK(gather_enough(progress));
    const auto report = [&](std::size_t parts) {
        const auto done = columns.begin + parts * columns.count() / ELEMENTS_PER_BLOB;
        progress.advance("decode", ProgressUnit::items, done, ELEMENTS_PER_BLOB);
        return true;
    };
    const auto present = store.flags(shape.stored_count());
    return decode_object(shape, store, present, missing, writer,
        {.memory_bytes = options.memory_bytes,
            .progress = report,
            .columns = columns,
            .scratch_folder = options.scratch_folder});
}

Result<void> BlobFetcher::State::keep_decoded(std::span<const std::uint64_t> missing,
    const std::function<Result<void>(std::size_t, BlobBuffer)>& read)
{
    for (std::size_t at = 0; at < missing.size(); at += DECODED_AT_ONCE)
    {
        std::vector<Rebuilt> rebuilt;
        for (auto i = at; i < std::min(at + DECODED_AT_ONCE, missing.size()); ++i)
        {
            rebuilt.push_back({.piece = missing[i], .bytes = Bytes(BYTES_PER_BLOB)});
            ASHLAR_CHECK(read(i, BlobBuffer{rebuilt.back().bytes}));
        }
        ASHLAR_TRY(const auto kept, keep_rebuilt(rebuilt));
        if (kept != rebuilt.size())
            return fail(ErrorKind::corrupted, "decoded blobs do not match their commitments");
        counts.decoded += kept;
    }
    return {};
}

Result<void> BlobFetcher::State::decode(
    std::span<const std::uint64_t> missing, ProgressListener& progress)
{
    ASHLAR_CHECK(run_code(missing, {}, store, progress));
    return keep_decoded(
        missing, [&](std::size_t i, BlobBuffer out) { return store.read(missing[i], 0, out); });
}

/// By columns that stay, whoever decoded them.
Result<std::size_t> BlobFetcher::State::decode_kept(
    std::span<const std::uint64_t> missing, const CellColumns& columns, ProgressListener& progress)
{
    ASHLAR_TRY(auto decoded,
        DecodedColumns::open(options.kept_folder / "columns", view.header.root(), missing));
    for (const auto& range : decoded.missing(columns))
        ASHLAR_CHECK(decoded.add(range, [&](const ColumnRange& elements, SliceWriter& writer) {
            return run_code(missing, elements, writer, progress);
        }));
    if (decoded.count() < CELL_COLUMNS)
        return decoded.count();
    const auto kept = keep_decoded(
        missing, [&](std::size_t i, BlobBuffer out) { return decoded.read_blob(i, out); });
    // False columns would be found false again.
    if (kept || kept.error().kind == ErrorKind::corrupted)
        ASHLAR_CHECK(decoded.remove());
    ASHLAR_CHECK(kept);
    return CELL_COLUMNS;
}

/// The stored blobs among what is missing, and those that missing local parities are made from.
std::vector<std::uint64_t> BlobFetcher::State::to_decode(
    std::span<const std::uint64_t> missing) const
{
    std::set<std::uint64_t> out;
    for (const auto piece : missing)
    {
        if (piece < shape.stored_count())
        {
            out.insert(piece);
            continue;
        }
        for_each_in_group(
            shape, group_of_piece(shape, piece), [&](std::size_t slot, std::uint64_t member) {
                if (slot < RUNS_PER_STRIPE && !store.holds(member))
                    out.insert(member);
            });
    }
    return {out.begin(), out.end()};
}

Result<std::size_t> BlobFetcher::State::obtain(
    std::span<const std::uint64_t> pieces, const CellColumns& columns, ProgressListener& progress)
{
    given_up.assign(static_cast<std::size_t>(piece_count(shape)), 0);
    wanted.assign(given_up.size(), 0);
    for (const auto piece : pieces)
        wanted[piece] = 1;
    ASHLAR_CHECK(fetch(pieces, progress));
    auto missing = without_held(store, pieces);
    if (missing.empty())
        return CELL_COLUMNS;
    ASHLAR_CHECK(repair_groups(missing, progress));
    missing = without_held(store, missing);
    ASHLAR_CHECK(look_at_parities(missing, progress));
    missing = without_held(store, missing);
    if (missing.empty())
        return CELL_COLUMNS;
    const auto blobs = to_decode(missing);
    if (options.kept_folder.empty())
        ASHLAR_CHECK(decode(blobs, progress));
    else
    {
        ASHLAR_TRY(const auto there, decode_kept(blobs, columns, progress));
        if (there < CELL_COLUMNS)
            return there;
    }
    missing = without_held(store, missing);
    if (missing.empty())
        return CELL_COLUMNS;
    ASHLAR_CHECK(repair_groups(missing, progress));
    missing = without_held(store, missing);
    if (!missing.empty())
        return fail(ErrorKind::proof_invalid,
            "{} local parities are not those that the publisher declared; the first is {}",
            missing.size(), missing.front() - shape.stored_count());
    return CELL_COLUMNS;
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
    const auto& kept = options.kept_folder;
    ASHLAR_TRY(auto store, kept.empty()
                               ? PieceStore::make(options.scratch_folder, piece_count(shape))
                               : PieceStore::open(kept, piece_count(shape)));
    if (!kept.empty())
        ASHLAR_CHECK(verify_kept(view, store));
    return BlobFetcher{std::unique_ptr<State>{new State{.view = view,
        .shape = shape,
        .placement = Placement{view.header, committee},
        .nodes = nodes,
        .options = options,
        .store = std::move(store)}}};
}

Result<void> BlobFetcher::require(std::span<const std::uint64_t> pieces, ProgressListener& progress)
{
    ASHLAR_CHECK(state_->obtain(pieces, {}, progress));
    return {};
}

Result<std::size_t> BlobFetcher::decode_columns(
    std::span<const std::uint64_t> pieces, const CellColumns& columns, ProgressListener& progress)
{
    ASHLAR_ASSERT(!state_->options.kept_folder.empty());
    return state_->obtain(pieces, columns, progress);
}

Result<void> BlobFetcher::deliver(
    std::span<const std::uint64_t> stored, BlobTarget& target, ProgressListener& progress)
{
    auto& store = state_->store;
    store.set_target(&target);
    auto delivered = verify_arrived(state_->view, target.unconfirmed(), store);
    if (delivered)
    {
        auto obtained = state_->obtain(stored, {}, progress);
        if (!obtained)
            delivered = tl::unexpected{std::move(obtained).error()};
    }
    store.set_target(nullptr);
    ASHLAR_CHECK(delivered);
    return {};
}

Result<void> BlobFetcher::read(std::uint64_t piece, std::span<std::byte, BYTES_PER_BLOB> out) const
{
    ASHLAR_ASSERT(state_->store.holds(piece));
    return state_->store.read(piece, 0, out);
}

const ObjectView& BlobFetcher::view() const noexcept
{
    return state_->view;
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
