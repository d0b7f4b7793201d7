#include "retrieval/piece_download.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <thread>

#include "base/mutex.hpp"
#include "base/parallel.hpp"
#include "base/pool.hpp"
#include "commitments/blob_batch.hpp"
#include "retrieval/piece_check.hpp"

namespace ashlar
{
namespace
{

/// Pieces that are added to the check together, and wait in memory for it.
constexpr std::size_t PIECES_PER_CHUNK = 16;

/// Pieces of an earlier run that one commitment verifies.
constexpr std::size_t PIECES_PER_RECHECK = 4096;

/// Pieces read back at once to find those that failed a check.
constexpr std::size_t PIECES_PER_SEARCH = 128;

/// Pieces asked for in one call. The transport takes in what comes whether there is time for it or
/// not, so what may come is what was asked for. On a link of 100 ms, 40 to 160 MB/s a member.
constexpr std::size_t PIECES_PER_CALL_MIN = 32;
constexpr std::size_t PIECES_PER_CALL_MAX = 128;
static_assert(PIECES_PER_CALL_MAX <= PIECES_PER_REQUEST_MAX);

/// How members are asked, so that chunks and the pieces of all calls fit into memory.
struct Pace
{
    std::size_t members_at_once;
    std::size_t pieces_per_call;
};

Pace pace_for(std::size_t members, std::uint64_t memory_bytes)
{
    const auto all = static_cast<std::size_t>(memory_bytes / 4 / BYTES_PER_BLOB);
    const auto room = all - std::min(all, thread_count() * PIECES_PER_CHUNK);
    const auto at_once =
        std::clamp<std::size_t>(room / PIECES_PER_CALL_MIN, 1, std::max<std::size_t>(members, 1));
    return {.members_at_once = at_once,
        .pieces_per_call = std::clamp(room / at_once, PIECES_PER_CALL_MIN, PIECES_PER_CALL_MAX)};
}

/// A piece and who sent it.
struct Sent
{
    std::uint64_t piece;
    std::size_t member;
};

/// Pieces that are verified together. Fields but `check` belong to the lock of the round.
struct PendingCheck
{
    RunningBlobCheck check;
    std::vector<Sent> sent;
    std::size_t adding = 0;  ///< Threads that are in check.add().
    bool is_full = false;    ///< Takes no more.
};

/// Pieces that were written and are to be added to a check.
struct Chunk
{
    Bytes blobs = Bytes(PIECES_PER_CHUNK * BYTES_PER_BLOB);
    std::vector<Sent> sent;
    std::vector<BlobClaim> claims;  ///< Of the first blobs, as many as were sent.

    /// Room for the next blob. @pre it is not full
    [[nodiscard]] std::span<std::byte, BYTES_PER_BLOB> next()
    {
        return std::span{blobs}.subspan(sent.size() * BYTES_PER_BLOB).first<BYTES_PER_BLOB>();
    }

    /// Takes the next blob, whose payload may be in its room already.
    void push(BlobClaim claim, const Sent& from)
    {
        if (!claim.blob.is_payload())
        {
            std::ranges::copy(claim.blob.elements(), next().begin());
            claim.blob = BlobView{next()};
        }
        ASHLAR_ASSERT(claim.blob.bytes().data() == next().data());
        sent.push_back(from);
        claims.push_back(claim);
    }
    [[nodiscard]] bool is_full() const noexcept { return sent.size() == PIECES_PER_CHUNK; }
    void clear() noexcept
    {
        sent.clear();
        claims.clear();
    }
};

std::vector<std::uint64_t> pieces_of(std::span<const Sent> sent)
{
    std::vector<std::uint64_t> out;
    for (const auto& [piece, member] : sent)
        out.push_back(piece);
    return out;
}

/// Finds the false ones among pieces that failed together, by reading them again.
Result<void> search(const ObjectView& view, std::span<const Sent> sent, ArrivalTarget& target,
    std::vector<FalseAnswer>& false_answers)
{
    for (std::size_t at = 0; at < sent.size(); at += PIECES_PER_SEARCH)
    {
        const auto batch = sent.subspan(at, std::min(PIECES_PER_SEARCH, sent.size() - at));
        std::vector<Bytes> buffers(batch.size(), Bytes(BYTES_PER_BLOB));
        std::vector<PieceContents> pieces;
        for (std::size_t i = 0; i < batch.size(); ++i)
        {
            ASHLAR_TRY(
                const auto blob, target.read_arrived(batch[i].piece, BlobBuffer{buffers[i]}));
            pieces.push_back({batch[i].piece, blob});
        }
        auto good = pieces_of(batch);
        for (const auto i : find_false_pieces(view, pieces))
        {
            false_answers.push_back({batch[i].member,
                fmt::format("piece {} does not match its commitment", batch[i].piece)});
            ASHLAR_CHECK(target.revoke(batch[i].piece));
            std::erase(good, batch[i].piece);
        }
        ASHLAR_CHECK(target.confirm(good));
    }
    return {};
}

/// Ends a check: all its pieces hold, or those that do not are looked for.
Result<void> settle(const ObjectView& view, PendingCheck& pending, ArrivalTarget& target,
    std::vector<FalseAnswer>& false_answers)
{
    if (pending.sent.empty())
        return {};
    if (pending.check.finish())
        return target.confirm(pieces_of(pending.sent));
    return search(view, pending.sent, target, false_answers);
}

/// What the threads of one round share.
class Round
{
public:
    Round(const ObjectView& view, std::size_t pieces_per_check, ArrivalTarget& target,
        const std::function<void()>& arrived)
      : view_{view}, pieces_per_check_{pieces_per_check}, target_{target}, arrived_{arrived}
    {}

    [[nodiscard]] const ObjectView& view() const noexcept { return view_; }

    /// The target failed, which no other member can mend: nothing more is wanted.
    [[nodiscard]] bool is_stopped() const noexcept { return is_stopped_.load(); }

    void blame(std::size_t member, std::string what) ASHLAR_EXCLUDES(mutex_)
    {
        const MutexLock lock{mutex_};
        report_.false_answers.push_back({member, std::move(what)});
    }

    /// Takes in a piece as it came, on one of as many threads as there are cores; others wait.
    /// @return  proof_invalid if the sender broke the contract, unavailable if that stopped it all.
    [[nodiscard]] Result<void> take(const CarriedPiece& piece, std::size_t member)
        ASHLAR_EXCLUDES(mutex_);

    /// After all threads.
    [[nodiscard]] Result<DownloadReport> finish() ASHLAR_EXCLUDES(mutex_);

private:
    using Check = std::shared_ptr<PendingCheck>;

    void count(const CarriedPiece& piece) ASHLAR_EXCLUDES(mutex_);
    [[nodiscard]] Result<void> keep(Chunk& chunk, const PieceContents& piece, std::size_t member);
    [[nodiscard]] Check add(Chunk& chunk) ASHLAR_EXCLUDES(mutex_);
    [[nodiscard]] Result<void> end(PendingCheck& check) ASHLAR_EXCLUDES(mutex_);
    [[nodiscard]] Result<void> blame_for(const Sent& sent) ASHLAR_EXCLUDES(mutex_);
    [[nodiscard]] Result<void> stop(Error error) ASHLAR_EXCLUDES(mutex_);

    const ObjectView& view_;
    const std::size_t pieces_per_check_;
    ArrivalTarget& target_;
    const std::function<void()>& arrived_;
    std::atomic<bool> is_stopped_{false};

    /// One for each core: more pieces at work would drive each other out of the caches.
    Pool<Chunk> chunks_{thread_count()};

    Mutex mutex_;
    std::optional<Error> first_error_ ASHLAR_GUARDED_BY(mutex_);
    DownloadReport report_ ASHLAR_GUARDED_BY(mutex_);

    /// Shared with threads that add to it.
    Check pending_ ASHLAR_GUARDED_BY(mutex_) = std::make_shared<PendingCheck>();
};

void Round::count(const CarriedPiece& piece)
{
    arrived_();
    const MutexLock lock{mutex_};
    ++report_.pieces_received;
    report_.bytes_received += piece.bytes.size();
}

Result<void> Round::take(const CarriedPiece& piece, std::size_t member)
{
    count(piece);
    Check full;
    {
        const auto chunk = chunks_.borrow();
        ASHLAR_TRY(const auto decoded, decode_piece(view_.header.shape(), piece,
                                           chunk->next().first<PAYLOAD_BYTES_PER_BLOB>()));
        if (auto kept = keep(*chunk, decoded, member); !kept)
            return stop(std::move(kept).error());
        if (chunk->is_full())
            full = add(*chunk);
    }
    if (!full)
        return {};
    auto ended = end(*full);
    return ended ? Result<void>{} : stop(std::move(ended).error());
}

/// Writes a piece, and puts a stored blob that was written into the chunk.
Result<void> Round::keep(Chunk& chunk, const PieceContents& piece, std::size_t member)
{
    const Sent sent{piece.piece, member};
    const bool is_stored = piece.piece < view_.header.shape().stored_count();
    // Local parities have a hash each: there is nothing to wait for.
    if (!is_stored && !find_false_pieces(view_, {&piece, 1}).empty())
        return blame_for(sent);
    if (auto written = target_.arrive(piece); !written)
    {
        // That no payload looks like this is the sender's fault or the publisher's.
        if (written.error().kind == ErrorKind::proof_invalid &&
            !find_false_pieces(view_, {&piece, 1}).empty())
            return blame_for(sent);
        return written;
    }
    if (!is_stored)
        return target_.confirm({&piece.piece, 1});
    chunk.push({piece.bytes, commitment_of(view_, piece.piece)}, sent);
    return {};
}

/// Adds a chunk to the check that runs, and clears it.
/// @return  the check if it is to be ended, by who called.
Round::Check Round::add(Chunk& chunk)
{
    Check check;
    {
        const MutexLock lock{mutex_};
        check = pending_;
        check->sent.insert(check->sent.end(), chunk.sent.begin(), chunk.sent.end());
        ++check->adding;
        if (check->sent.size() >= pieces_per_check_)
        {
            check->is_full = true;
            pending_ = std::make_shared<PendingCheck>();
        }
    }
    check->check.add(chunk.claims);
    chunk.clear();
    const MutexLock lock{mutex_};
    --check->adding;
    return check->is_full && check->adding == 0 ? check : nullptr;
}

Result<void> Round::end(PendingCheck& check)
{
    std::vector<FalseAnswer> false_answers;
    ASHLAR_CHECK(settle(view_, check, target_, false_answers));
    const MutexLock lock{mutex_};
    std::ranges::move(false_answers, std::back_inserter(report_.false_answers));
    return {};
}

/// A piece that its sender is to blame for: the others count.
Result<void> Round::blame_for(const Sent& sent)
{
    blame(sent.member, fmt::format("piece {} does not match its commitment", sent.piece));
    return {};
}

Result<void> Round::stop(Error error)
{
    const MutexLock lock{mutex_};
    if (!first_error_)
        first_error_ = std::move(error);
    is_stopped_ = true;
    return fail(ErrorKind::unavailable, "the download was stopped");
}

Result<DownloadReport> Round::finish()
{
    for (const auto& chunk : chunks_.take_all())
    {
        if (is_stopped() || chunk->sent.empty())
            continue;
        if (const auto full = add(*chunk))
            ASHLAR_CHECK(end(*full));
    }
    const MutexLock lock{mutex_};
    if (first_error_)
        return tl::unexpected{*first_error_};
    ASHLAR_CHECK(settle(view_, *pending_, target_, report_.false_answers));
    return std::move(report_);
}

/// The pieces of one member. On one thread.
class MemberDownload
{
public:
    /// @param pieces  Ascending.
    MemberDownload(Round& round, std::size_t member, std::span<const std::uint64_t> pieces)
      : round_{round}, member_{member}, pieces_{pieces}, seen_(pieces.size(), 0)
    {}

    /// @return  proof_invalid if the member broke the contract; what else the node or target says.
    [[nodiscard]] Result<void> run(NodeApi& node, std::size_t pieces_per_call)
    {
        Result<void> asked;
        const auto receive = [&](const CarriedPiece& piece) { return take(piece); };
        for (std::size_t at = 0; asked && at < pieces_.size(); at += pieces_per_call)
            asked = node.get_carried_pieces(round_.view().header.root(),
                pieces_.subspan(at, std::min(pieces_per_call, pieces_.size() - at)), receive);
        return asked;
    }

private:
    [[nodiscard]] Result<void> take(const CarriedPiece& piece)
    {
        if (round_.is_stopped())
            return fail(ErrorKind::unavailable, "the download was stopped");
        const auto place = std::ranges::lower_bound(pieces_, piece.piece);
        const auto index = static_cast<std::size_t>(place - pieces_.begin());
        if (place == pieces_.end() || *place != piece.piece || seen_[index] != 0)
            return fail(ErrorKind::proof_invalid, "piece {} was not asked for", piece.piece);
        seen_[index] = 1;
        return round_.take(piece, member_);
    }

    Round& round_;
    const std::size_t member_;
    const std::span<const std::uint64_t> pieces_;
    std::vector<std::uint8_t> seen_;
};

}  // namespace

Result<DownloadReport> download_pieces(const ObjectView& view, CommitteeNodes nodes,
    const PieceRequests& requests, const DownloadOptions& options, ArrivalTarget& target,
    const std::function<void()>& arrived)
{
    const std::vector<PieceRequests::value_type> work{requests.begin(), requests.end()};
    const auto pace = pace_for(work.size(), options.memory_bytes);
    Round round{view, options.pieces_per_check, target, arrived};
    std::atomic<std::size_t> next{0};
    const auto ask = [&] {
        for (auto i = next.fetch_add(1); i < work.size(); i = next.fetch_add(1))
        {
            const auto& [member, pieces] = work[i];
            const auto asked =
                MemberDownload{round, member, pieces}.run(*nodes[member], pace.pieces_per_call);
            if (!asked && asked.error().kind == ErrorKind::proof_invalid)
                round.blame(member, asked.error().message);
        }
    };
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < std::min(pace.members_at_once, work.size()); ++i)
            threads.emplace_back(ask);
    }
    return round.finish();
}

Result<void> verify_arrived(
    const ObjectView& view, std::span<const std::uint64_t> pieces, ArrivalTarget& target)
{
    for (std::size_t at = 0; at < pieces.size(); at += PIECES_PER_RECHECK)
    {
        const auto part = pieces.subspan(at, std::min(PIECES_PER_RECHECK, pieces.size() - at));
        PendingCheck pending;
        for (const auto piece : part)
            pending.sent.push_back({piece, 0});
        ASHLAR_CHECK(pending.check.add_read(
            part.size(), [&](std::size_t i, BlobBuffer room) -> Result<BlobClaim> {
                ASHLAR_TRY(const auto blob, target.read_arrived(part[i], room));
                return BlobClaim{blob, commitment_of(view, part[i])};
            }));
        // Our own disk's fault, if it is one: nobody is to blame.
        std::vector<FalseAnswer> ignored;
        ASHLAR_CHECK(settle(view, pending, target, ignored));
    }
    return {};
}

}  // namespace ashlar
