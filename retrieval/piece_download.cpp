#include "retrieval/piece_download.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <thread>

#include "base/mutex.hpp"
#include "base/parallel.hpp"
#include "commitments/blob_batch.hpp"
#include "retrieval/piece_check.hpp"

namespace ashlar
{
namespace
{

/// Pieces of one member that are added to the check together, and wait in memory for it.
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

/// How members are asked, so that their chunks and the pieces of their calls fit into memory.
struct Pace
{
    std::size_t members_at_once;
    std::size_t pieces_per_call;
};

Pace pace_for(std::size_t members, std::uint64_t memory_bytes)
{
    constexpr std::size_t FEWEST = PIECES_PER_CHUNK + PIECES_PER_CALL_MIN;
    constexpr std::size_t MOST = PIECES_PER_CHUNK + PIECES_PER_CALL_MAX;
    const auto room = static_cast<std::size_t>(memory_bytes / 4 / BYTES_PER_BLOB);
    const auto at_once =
        std::clamp<std::size_t>(room / FEWEST, 1, std::max<std::size_t>(members, 1));
    return {.members_at_once = at_once,
        .pieces_per_call = std::clamp(room / at_once, FEWEST, MOST) - PIECES_PER_CHUNK};
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
        std::vector<PieceView> pieces;
        for (std::size_t i = 0; i < batch.size(); ++i)
        {
            ASHLAR_CHECK(target.read_arrived(batch[i].piece, BlobBuffer{buffers[i]}));
            pieces.push_back({batch[i].piece, BlobView{buffers[i]}});
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

    /// Something failed that no other member can mend: nothing more is wanted.
    [[nodiscard]] bool is_stopped() const noexcept { return is_stopped_.load(); }
    void stop(Error error) ASHLAR_EXCLUDES(mutex_)
    {
        const MutexLock lock{mutex_};
        if (!first_error_)
            first_error_ = std::move(error);
        is_stopped_ = true;
    }

    void blame(std::size_t member, std::string what) ASHLAR_EXCLUDES(mutex_)
    {
        const MutexLock lock{mutex_};
        report_.false_answers.push_back({member, std::move(what)});
    }

    void count_bytes(std::uint64_t count) ASHLAR_EXCLUDES(mutex_)
    {
        const MutexLock lock{mutex_};
        report_.bytes_received += count;
    }

    /// Writes a piece.
    /// @return  false if it is not what the object has; the target's error.
    [[nodiscard]] Result<std::uint8_t> write(const Sent& sent, BlobView bytes);

    /// Adds stored blobs, which were written, to a check; ends the check if it is full.
    [[nodiscard]] Result<void> add(std::span<const Sent> sent, std::span<const BlobClaim> claims)
        ASHLAR_EXCLUDES(mutex_);

    /// After all threads.
    [[nodiscard]] Result<DownloadReport> finish() ASHLAR_EXCLUDES(mutex_);

private:
    [[nodiscard]] Result<void> settle_full(PendingCheck& pending) ASHLAR_EXCLUDES(mutex_);

    const ObjectView& view_;
    const std::size_t pieces_per_check_;
    ArrivalTarget& target_;
    const std::function<void()>& arrived_;
    std::atomic<bool> is_stopped_{false};
    Mutex mutex_;
    std::optional<Error> first_error_ ASHLAR_GUARDED_BY(mutex_);
    DownloadReport report_ ASHLAR_GUARDED_BY(mutex_);

    /// Shared with threads that add to it.
    std::shared_ptr<PendingCheck> pending_ ASHLAR_GUARDED_BY(
        mutex_) = std::make_shared<PendingCheck>();
};

Result<std::uint8_t> Round::write(const Sent& sent, BlobView bytes)
{
    arrived_();
    {
        const MutexLock lock{mutex_};
        ++report_.pieces_received;
    }
    const PieceView piece{sent.piece, bytes};
    const bool is_stored = sent.piece < view_.header.shape().stored_count();
    // Local parities have a hash each: there is nothing to wait for.
    bool is_false = !is_stored && !find_false_pieces(view_, {&piece, 1}).empty();
    if (!is_false)
    {
        auto written = target_.arrive(piece);
        // That no payload looks like this is the sender's fault or the publisher's.
        is_false = !written && written.error().kind == ErrorKind::proof_invalid &&
                   !find_false_pieces(view_, {&piece, 1}).empty();
        if (!is_false)
            ASHLAR_CHECK(written);
    }
    if (is_false)
        blame(sent.member, fmt::format("piece {} does not match its commitment", sent.piece));
    else if (!is_stored)
        ASHLAR_CHECK(target_.confirm({&sent.piece, 1}));
    return is_false ? 0 : 1;
}

Result<void> Round::add(std::span<const Sent> sent, std::span<const BlobClaim> claims)
{
    std::shared_ptr<PendingCheck> pending;
    {
        const MutexLock lock{mutex_};
        pending = pending_;
        pending->sent.insert(pending->sent.end(), sent.begin(), sent.end());
        ++pending->adding;
        if (pending->sent.size() >= pieces_per_check_)
        {
            pending->is_full = true;
            pending_ = std::make_shared<PendingCheck>();
        }
    }
    pending->check.add(claims);
    {
        const MutexLock lock{mutex_};
        --pending->adding;
        if (!pending->is_full || pending->adding > 0)
            return {};
    }
    return settle_full(*pending);
}

Result<void> Round::settle_full(PendingCheck& pending)
{
    std::vector<FalseAnswer> false_answers;
    ASHLAR_CHECK(settle(view_, pending, target_, false_answers));
    const MutexLock lock{mutex_};
    std::ranges::move(false_answers, std::back_inserter(report_.false_answers));
    return {};
}

Result<DownloadReport> Round::finish()
{
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
        // What came before an error came.
        if (!round_.is_stopped())
            flush();
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
        buffer_.resize(std::min(PIECES_PER_CHUNK, pieces_.size()) * BYTES_PER_BLOB);
        const auto slot =
            std::span{buffer_}.subspan(sent_.size() * BYTES_PER_BLOB).first<BYTES_PER_BLOB>();
        round_.count_bytes(piece.bytes.size());
        ASHLAR_TRY(const auto raw, raw_bytes(round_.view().header.shape(), piece, slot));
        const auto written = round_.write({piece.piece, member_}, raw);
        if (!written)
        {
            round_.stop(written.error());
            return fail(ErrorKind::unavailable, "the download was stopped");
        }
        if (*written == 0 || piece.piece >= round_.view().header.shape().stored_count())
            return {};
        if (raw.data() != slot.data())
            std::ranges::copy(raw, slot.begin());
        sent_.push_back({piece.piece, member_});
        claims_.push_back({BlobView{slot}, commitment_of(round_.view(), piece.piece)});
        if (sent_.size() == PIECES_PER_CHUNK)
            flush();
        return {};
    }

    void flush()
    {
        if (sent_.empty())
            return;
        if (auto added = round_.add(sent_, claims_); !added)
            round_.stop(std::move(added).error());
        sent_.clear();
        claims_.clear();
    }

    Round& round_;
    const std::size_t member_;
    const std::span<const std::uint64_t> pieces_;
    std::vector<std::uint8_t> seen_;
    Bytes buffer_;
    std::vector<Sent> sent_;  ///< In the buffer, and the claims.
    std::vector<BlobClaim> claims_;
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
        const auto chunks = (part.size() + PIECES_PER_CHUNK - 1) / PIECES_PER_CHUNK;
        ASHLAR_CHECK(try_parallel_for(chunks, [&](std::size_t chunk) -> Result<void> {
            const auto begin = chunk * PIECES_PER_CHUNK;
            const auto some = part.subspan(begin, std::min(PIECES_PER_CHUNK, part.size() - begin));
            Bytes buffer(some.size() * BYTES_PER_BLOB);
            std::vector<BlobClaim> claims;
            for (std::size_t i = 0; i < some.size(); ++i)
            {
                const auto slot =
                    std::span{buffer}.subspan(i * BYTES_PER_BLOB).first<BYTES_PER_BLOB>();
                ASHLAR_CHECK(target.read_arrived(some[i], slot));
                claims.push_back({BlobView{slot}, commitment_of(view, some[i])});
            }
            pending.check.add(claims);
            return {};
        }));
        // Our own disk's fault, if it is one: nobody is to blame.
        std::vector<FalseAnswer> ignored;
        ASHLAR_CHECK(settle(view, pending, target, ignored));
    }
    return {};
}

}  // namespace ashlar
