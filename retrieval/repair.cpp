#include "retrieval/repair.hpp"

#include <atomic>
#include <set>
#include <thread>

namespace ashlar
{
namespace
{

MemberShare ask_share(
    NodeApi* node, const Bytes32& object_root, std::span<const std::uint64_t> placed)
{
    MemberShare share{.placed = placed.size(), .missing = {}, .error = {}};
    if (node == nullptr)
    {
        share.error = Error{ErrorKind::unavailable, "no address known"};
        return share;
    }
    auto held = node->holdings(object_root);
    if (!held && held.error().kind != ErrorKind::not_found)
    {
        share.error = std::move(held).error();
        return share;
    }
    if (!held)
    {
        share.missing.assign(placed.begin(), placed.end());
        return share;
    }
    share.knows_object = true;
    share.is_signed = held->is_signed;
    std::ranges::set_difference(placed, held->pieces, std::back_inserter(share.missing));
    return share;
}

/// What the threads of one give_back() share.
struct Giving
{
    const BlobFetcher& blobs;
    const GiveBackRequest& request;
    ObjectMetadata metadata;
    ProgressListener& progress;
    std::size_t pieces_per_call;
    std::uint64_t bytes_total = 0;
    std::atomic<std::uint64_t> bytes_done{0};
};

Result<void> send_pieces(
    Giving& giving, NodeApi& node, std::span<const std::uint64_t> pieces, GivenBack& given)
{
    const auto& root = giving.request.view.header.root();
    std::vector<Bytes> buffers(giving.pieces_per_call, Bytes(BYTES_PER_BLOB));
    for (std::size_t at = 0; at < pieces.size(); at += giving.pieces_per_call)
    {
        const auto batch = pieces.subspan(at, std::min(giving.pieces_per_call, pieces.size() - at));
        // Raw: who repairs need not have read the directory, which says how numbers lie.
        std::vector<CarriedPiece> views;
        for (std::size_t i = 0; i < batch.size(); ++i)
        {
            ASHLAR_CHECK(
                giving.blobs.read(batch[i], std::span{buffers[i]}.first<BYTES_PER_BLOB>()));
            views.push_back(carried_raw({batch[i], BlobView{buffers[i]}}));
        }
        ASHLAR_CHECK(node.put_pieces(root, views));
        given.pieces_sent += batch.size();
        const auto bytes = batch.size() * BYTES_PER_BLOB;
        giving.progress.advance("give back", ProgressUnit::bytes,
            giving.bytes_done.fetch_add(bytes) + bytes, giving.bytes_total);
    }
    return {};
}

/// A member's share, from a reservation, if it forgot the object, to its signature. The signature
/// is in the certificate already.
Result<void> serve_member(Giving& giving, NodeApi& node, const MemberShare& share, GivenBack& given)
{
    const auto& root = giving.request.view.header.root();
    const auto& certificate = *giving.request.view.certificate;
    if (!share.knows_object)
        ASHLAR_CHECK(node.reserve(giving.request.reservation));
    ASHLAR_CHECK(node.put_metadata(root, giving.metadata));
    ASHLAR_CHECK(send_pieces(giving, node, share.missing, given));
    ASHLAR_CHECK(node.sign(root, certificate.expiry_unix_seconds));
    return node.put_certificate(root, certificate);
}

}  // namespace

std::vector<MemberShare> find_missing(
    const ObjectHeader& header, const Committee& committee, CommitteeNodes nodes)
{
    ASHLAR_ASSERT(nodes.size() == committee.size());
    const Placement placement{header, committee};
    std::vector<MemberShare> shares(nodes.size());
    // One thread a member: they wait for the network, not for a core.
    std::vector<std::jthread> threads;
    for (std::size_t m = 0; m < nodes.size(); ++m)
        threads.emplace_back([&, m] {
            const auto placed = placement.pieces_of(m);
            if (!placed.empty())
                shares[m] = ask_share(nodes[m], header.root(), placed);
        });
    threads.clear();
    return shares;
}

std::vector<std::uint64_t> missing_of_all(std::span<const MemberShare> shares)
{
    std::set<std::uint64_t> missing;
    for (const auto& share : shares)
        missing.insert(share.missing.begin(), share.missing.end());
    return {missing.begin(), missing.end()};
}

std::vector<GivenBack> give_back(const BlobFetcher& blobs, std::span<const MemberShare> shares,
    const GiveBackRequest& request, ProgressListener& progress)
{
    const auto& view = request.view;
    ASHLAR_ASSERT(view.certificate.has_value());
    Giving giving{.blobs = blobs,
        .request = request,
        .metadata = make_metadata(view.header.shape(), view.commitments->codeword(),
            view.commitments->group_parity_hashes()),
        .progress = progress,
        .pieces_per_call = UploadPace::make(
            static_cast<std::size_t>(std::ranges::count_if(shares, &MemberShare::needs_repair)),
            request.memory_bytes)
                               .pieces_per_call};
    for (const auto& share : shares)
        giving.bytes_total += share.missing.size() * BYTES_PER_BLOB;
    std::vector<GivenBack> given(shares.size());
    std::vector<std::jthread> threads;
    for (std::size_t m = 0; m < shares.size(); ++m)
    {
        given[m].is_whole = !shares[m].error && !shares[m].needs_repair();
        if (shares[m].error)
            given[m].error = shares[m].error->message;
        if (!shares[m].needs_repair())
            continue;
        threads.emplace_back([&, m] {
            const auto served = serve_member(giving, *request.nodes[m], shares[m], given[m]);
            given[m].is_whole = served.has_value();
            if (!served)
                given[m].error = served.error().message;
        });
    }
    threads.clear();
    return given;
}

}  // namespace ashlar
