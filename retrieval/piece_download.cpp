#include "retrieval/piece_download.hpp"

#include <atomic>
#include <thread>

#include "base/parallel.hpp"
#include "retrieval/arrival_queue.hpp"
#include "retrieval/piece_check.hpp"

namespace ashlar
{
namespace
{

/// Pieces verified by one linear combination. It costs a commitment, some 25 ms of a core, whatever
/// their number: at the least of these a fifth of a millisecond a piece, at the most a twentieth.
constexpr std::size_t VERIFY_BATCH_MAX = 512;
constexpr std::size_t VERIFY_BATCH_MIN = 128;

/// Parts of a download verified one by one: a kill loses one part, and what is on its way.
constexpr std::size_t DOWNLOAD_PARTS = 16;

constexpr std::uint64_t MEMORY_BYTES_MIN = 32u << 20;

/// How long arrivals wait for company before they are verified.
constexpr std::chrono::milliseconds PATIENCE{100};

/// What the threads of one round share.
struct Round
{
    const ObjectView& view;
    ArrivalQueue queue;
    std::atomic<std::uint64_t> bytes_received{0};
};

/// Streams a member's pieces into the queue. Runs on a thread of its own.
Result<void> ask_member(
    Round& round, NodeApi& node, std::size_t member, std::span<const std::uint64_t> pieces)
{
    std::vector<std::uint8_t> seen(pieces.size(), 0);
    Bytes blob(BYTES_PER_BLOB);
    const auto receive = [&](const CarriedPiece& piece) -> Result<void> {
        const auto place = std::ranges::lower_bound(pieces, piece.piece);
        const auto index = static_cast<std::size_t>(place - pieces.begin());
        if (place == pieces.end() || *place != piece.piece || seen[index] != 0)
            return fail(ErrorKind::proof_invalid, "piece {} was not asked for", piece.piece);
        seen[index] = 1;
        round.bytes_received += piece.bytes.size();
        ASHLAR_TRY(const auto raw,
            raw_bytes(round.view.header.shape(), piece, std::span{blob}.first<BYTES_PER_BLOB>()));
        if (!round.queue.push(piece.piece, member, raw))
            return fail(ErrorKind::unavailable, "the download was stopped");
        return {};
    };
    for (std::size_t at = 0; at < pieces.size(); at += PIECES_PER_REQUEST_MAX)
    {
        const auto count = std::min(PIECES_PER_REQUEST_MAX, pieces.size() - at);
        ASHLAR_CHECK(
            node.get_carried_pieces(round.view.header.root(), pieces.subspan(at, count), receive));
    }
    return {};
}

/// Verifies a batch, names who lied, and passes on the rest.
Result<void> pass_on(const Round& round, std::span<const Arrival> arrivals,
    const VerifiedSink& sink, DownloadReport& report)
{
    std::vector<PieceView> pieces;
    for (const auto& arrival : arrivals)
        pieces.push_back({arrival.piece, BlobView{arrival.bytes}});
    std::vector<std::uint8_t> is_false(arrivals.size(), 0);
    for (const auto i : find_false_pieces(round.view, pieces))
    {
        is_false[i] = 1;
        report.false_answers.push_back({arrivals[i].member,
            fmt::format("piece {} does not match its commitment", arrivals[i].piece)});
    }
    report.pieces_received += arrivals.size();
    return try_parallel_for(pieces.size(),
        [&](std::size_t i) { return is_false[i] != 0 ? Result<void>{} : sink(pieces[i]); });
}

std::size_t count_pieces(const PieceRequests& requests)
{
    std::size_t count = 0;
    for (const auto& [member, pieces] : requests)
        count += pieces.size();
    return count;
}

}  // namespace

Result<DownloadReport> download_pieces(const ObjectView& view, CommitteeNodes nodes,
    const PieceRequests& requests, std::uint64_t memory_bytes, const VerifiedSink& sink)
{
    const auto capacity =
        static_cast<std::size_t>(std::max(memory_bytes, MEMORY_BYTES_MIN) / BYTES_PER_BLOB);
    // A batch is verified while the next one arrives.
    const auto batch = std::min(capacity / 2,
        std::clamp(count_pieces(requests) / DOWNLOAD_PARTS, VERIFY_BATCH_MIN, VERIFY_BATCH_MAX));
    Round round{
        .view = view, .queue = ArrivalQueue{std::min(capacity, 2 * batch), requests.size()}};
    DownloadReport report;
    std::vector<Result<void>> outcomes(nodes.size());
    Result<void> passed;
    {
        std::vector<std::jthread> threads;
        for (const auto& [member, pieces] : requests)
        {
            threads.emplace_back([&, m = member, list = std::span{pieces}] {
                outcomes[m] = ask_member(round, *nodes[m], m, list);
                round.queue.producer_done();
            });
        }
        while (passed)
        {
            auto arrivals = round.queue.take(batch, PATIENCE);
            if (arrivals.empty())
                break;
            passed = pass_on(round, arrivals, sink, report);
            round.queue.recycle(std::move(arrivals));
        }
        round.queue.close();
    }
    if (!passed)
        return tl::unexpected{passed.error()};
    for (const auto& [member, pieces] : requests)
    {
        if (!outcomes[member] && outcomes[member].error().kind == ErrorKind::proof_invalid)
            report.false_answers.push_back({member, outcomes[member].error().message});
    }
    report.bytes_received = round.bytes_received;
    return report;
}

}  // namespace ashlar
