#include "publisher/publish.hpp"

#include <atomic>
#include <thread>

#include "base/mutex.hpp"
#include "base/random.hpp"

namespace ashlar
{
namespace
{

/// Shared by the threads of one spread(); each writes only its own member's slots.
struct Spread
{
    const EncodedObject& object;
    const Committee& committee;
    const PublisherKey& key;
    const SpreadOptions& options;
    ProgressListener& progress;
    Bytes32 digest{};                 ///< What nodes sign.
    std::size_t pieces_per_call = 1;  ///< Sent in one call.
    std::uint64_t bytes_total = 0;
    std::atomic<std::uint64_t> bytes_done{0};
    std::atomic<bool> stragglers_are_left{false};  ///< Nothing more is sent.

    void advance(std::uint64_t pieces)
    {
        const auto bytes = pieces * BYTES_PER_BLOB;
        progress.advance(
            "upload", ProgressUnit::bytes, bytes_done.fetch_add(bytes) + bytes, bytes_total);
    }
};

ReserveRequest reservation(const Spread& spread)
{
    const auto& header = spread.object.header();
    const auto expiry = spread.options.expiry_unix_seconds;
    return {.header = header.bytes(),
        .expiry_unix_seconds = expiry,
        .publisher_key = spread.key.public_key(),
        .publisher_signature =
            spread.key.sign(reservation_digest(spread.committee.root(), header.root(), expiry))};
}

/// Pieces of the parent that a node holds, ascending: what differences may be sent to. None if
/// there is nothing to make them from, or the node does not say.
std::vector<std::uint64_t> parents_held(const Spread& spread, NodeApi& node)
{
    if (!spread.object.has_parent_payload())
        return {};
    auto held = node.holdings(spread.object.header().fields().parent_root);
    return held ? std::move(held->pieces) : std::vector<std::uint64_t>{};
}

/// Room for the pieces of a batch, used again for the next.
using BatchBuffers = std::vector<Bytes>;

/// Counts in `outcome` what the node has confirmed.
Result<void> send_batch(const Spread& spread, NodeApi& node, std::span<const std::uint64_t> pieces,
    std::span<const std::uint64_t> parents, BatchBuffers& buffers, MemberOutcome& outcome)
{
    std::vector<CarriedPiece> carried;
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < pieces.size(); ++i)
    {
        const bool has_parent = std::ranges::binary_search(parents, pieces[i]);
        ASHLAR_TRY(const auto piece, spread.object.carry(pieces[i], has_parent, buffers[i]));
        carried.push_back(piece);
        bytes += piece.bytes.size();
    }
    ASHLAR_CHECK(node.put_pieces(spread.object.header().root(), carried));
    outcome.pieces_sent += pieces.size();
    outcome.bytes_sent += bytes;
    return {};
}

/// Sends what the node does not have yet.
Result<void> send_missing(
    Spread& spread, NodeApi& node, std::span<const std::uint64_t> placed, MemberOutcome& outcome)
{
    ASHLAR_TRY(const auto held, node.holdings(spread.object.header().root()));
    std::vector<std::uint64_t> missing;
    std::ranges::set_difference(placed, held.pieces, std::back_inserter(missing));
    auto parents = missing.empty() ? std::vector<std::uint64_t>{} : parents_held(spread, node);
    BatchBuffers buffers(spread.pieces_per_call);
    for (std::size_t at = 0; at < missing.size(); at += spread.pieces_per_call)
    {
        if (spread.stragglers_are_left)
            return fail(
                ErrorKind::unavailable, "too slow; the others are enough for a certificate");
        const auto count = std::min(spread.pieces_per_call, missing.size() - at);
        const auto batch = std::span{missing}.subspan(at, count);
        auto sent = send_batch(spread, node, batch, parents, buffers, outcome);
        if (!sent && sent.error().kind == ErrorKind::not_found && !parents.empty())
        {
            // It dropped the parent, or found a piece of it damaged, since it was asked.
            parents.clear();
            sent = send_batch(spread, node, batch, parents, buffers, outcome);
        }
        ASHLAR_CHECK(sent);
        spread.advance(count);
    }
    return {};
}

/// One attempt at a member's whole share, from reservation to signature. Every step is
/// idempotent, so an attempt may follow another at any point.
Result<BlsSignature> serve_member(
    Spread& spread, NodeApi& node, std::span<const std::uint64_t> placed, MemberOutcome& outcome)
{
    const auto& root = spread.object.header().root();
    ASHLAR_CHECK(node.reserve(reservation(spread)));
    ASHLAR_CHECK(node.put_metadata(root, spread.object.metadata()));
    ASHLAR_CHECK(send_missing(spread, node, placed, outcome));
    return node.sign(root, spread.options.expiry_unix_seconds);
}

void pause_before_attempt(unsigned attempt)
{
    constexpr std::uint64_t PAUSE_MS = 200;
    const auto jitter = system_random().below(PAUSE_MS);
    std::this_thread::sleep_for(
        std::chrono::milliseconds{(PAUSE_MS << std::min(attempt, 6u)) + jitter});
}

/// Verified at once, so that a false signature is blamed on its member and not on all.
Result<void> check_member_signature(
    const Spread& spread, std::size_t member, const BlsSignature& signature)
{
    const auto& member_key = spread.committee.members()[member].key;
    if (!verify_signature(member_key, spread.digest, signature))
        return fail(ErrorKind::proof_invalid, "its signature does not hold");
    return {};
}

/// The signature that the journal has of a member for this expiry.
std::optional<BlsSignature> journaled_signature(const Spread& spread, std::size_t member)
{
    const auto* const journal = spread.options.journal;
    if (journal == nullptr ||
        journal->found().expiry_unix_seconds != spread.options.expiry_unix_seconds)
        return std::nullopt;
    const auto& signatures = journal->found().signatures;
    const auto found = signatures.find(member);
    if (found == signatures.end())
        return std::nullopt;
    auto signature = BlsSignature::parse(found->second);
    if (!signature || !check_member_signature(spread, member, *signature))
        return std::nullopt;
    return std::move(*signature);
}

Result<void> keep_signature(const Spread& spread, std::size_t member, const BlsSignature& signature)
{
    if (spread.options.journal == nullptr)
        return {};
    return spread.options.journal->add(
        JournalKind::signature, {big_endian(std::uint64_t{member}), signature.bytes()});
}

/// Signatures for another expiry are void from now on.
Result<void> note_lease(const SpreadOptions& options)
{
    if (options.journal == nullptr ||
        options.journal->found().expiry_unix_seconds == options.expiry_unix_seconds)
        return {};
    return options.journal->add(JournalKind::lease, big_endian(options.expiry_unix_seconds));
}

bool worth_retrying(ErrorKind kind) noexcept
{
    return kind == ErrorKind::unavailable;
}

/// A member's share with retries; nothing, and the reason in the outcome, if it did not sign.
std::optional<BlsSignature> serve_with_retries(Spread& spread, std::size_t member, NodeApi* node,
    std::span<const std::uint64_t> placed, MemberOutcome& outcome)
{
    if (auto before = journaled_signature(spread, member))
        return before;
    if (node == nullptr)
    {
        outcome.error = "no address known";
        return std::nullopt;
    }
    for (unsigned attempt = 0; attempt < spread.options.attempts_max; ++attempt)
    {
        if (attempt > 0)
            pause_before_attempt(attempt);
        const auto signature = serve_member(spread, *node, placed, outcome);
        auto done = signature ? check_member_signature(spread, member, *signature)
                              : Result<void>{tl::unexpected<Error>{signature.error()}};
        if (done)
            done = keep_signature(spread, member, *signature);
        if (done)
        {
            outcome.error.clear();
            return *signature;
        }
        outcome.error = done.error().message;
        if (!worth_retrying(done.error().kind) || spread.stragglers_are_left)
            break;
    }
    return std::nullopt;
}

std::vector<MemberSignature> collect_signatures(
    std::span<const std::optional<BlsSignature>> signatures, std::vector<MemberOutcome>& outcomes)
{
    std::vector<MemberSignature> valid;
    for (std::size_t m = 0; m < signatures.size(); ++m)
    {
        if (!signatures[m])
            continue;
        outcomes[m].certified = true;
        valid.push_back({.member = m, .signature = *signatures[m]});
    }
    return valid;
}

std::string describe_unsigned(std::span<const MemberOutcome> outcomes)
{
    std::string text;
    for (std::size_t m = 0; m < outcomes.size(); ++m)
    {
        if (outcomes[m].pieces > 0 && !outcomes[m].error.empty())
            text += fmt::format("{}node {}: {}", text.empty() ? "" : "; ", m, outcomes[m].error);
    }
    return text;
}

/// What members' threads leave for the one that waits for them.
class Signatures
{
public:
    using List = std::vector<std::optional<BlsSignature>>;

    explicit Signatures(std::size_t members) : list_(members) {}

    void begin(std::size_t threads) ASHLAR_EXCLUDES(mutex_)
    {
        const MutexLock lock{mutex_};
        running_ = threads;
    }

    void end(std::size_t member, std::optional<BlsSignature> signature) ASHLAR_EXCLUDES(mutex_)
    {
        const MutexLock lock{mutex_};
        list_[member] = std::move(signature);
        --running_;
        changed_.notify_all();
    }

    /// Those so far, when more members have ended than the last call knew of, or at `until`.
    /// @return  nothing at `until`.
    [[nodiscard]] std::optional<List> next(
        std::optional<std::chrono::steady_clock::time_point> until) ASHLAR_EXCLUDES(mutex_)
    {
        const MutexLock lock{mutex_};
        while (running_ == known_running_ && running_ > 0)
        {
            if (!until)
                changed_.wait(mutex_);
            else if (changed_.wait_until(mutex_, *until) == std::cv_status::timeout)
                return std::nullopt;
        }
        known_running_ = running_;
        return list_;
    }

    [[nodiscard]] bool all_ended() ASHLAR_EXCLUDES(mutex_)
    {
        const MutexLock lock{mutex_};
        return running_ == 0;
    }

private:
    Mutex mutex_;
    ConditionVariable changed_;
    List list_ ASHLAR_GUARDED_BY(mutex_);
    std::size_t running_ ASHLAR_GUARDED_BY(mutex_) = 0;
    std::size_t known_running_ ASHLAR_GUARDED_BY(mutex_) = ~std::size_t{0};
};

bool is_enough(const Spread& spread, const Signatures::List& signatures)
{
    std::vector<std::size_t> signers;
    for (std::size_t m = 0; m < signatures.size(); ++m)
    {
        if (signatures[m])
            signers.push_back(m);
    }
    return tolerance_at(spread.object.header(), spread.committee, signers, TARGET_FAULT_SHARE)
        .recoverable;
}

/// Makes a certificate of the signatures and leaves it with their members.
/// @pre the signers' threads have ended
Result<void> publish_certificate(const Spread& spread, CommitteeNodes nodes,
    const Signatures::List& signatures, Published& published)
{
    const auto& root = spread.object.header().root();
    const auto valid = collect_signatures(signatures, published.members);
    published.signers.clear();
    for (const auto& signature : valid)
        published.signers.push_back(signature.member);
    ASHLAR_TRY(published.certificate,
        make_certificate(spread.committee, root, spread.options.expiry_unix_seconds, valid));
    for (const auto member : published.signers)
    {
        // Readers take the certificate from any node, so one that misses it does no harm.
        if (nodes[member] == nullptr)
            continue;
        if (auto put = nodes[member]->put_certificate(root, published.certificate); !put)
            published.members[member].error = put.error().message;
    }
    return {};
}

/// Uploads on one thread a member: the threads wait for the network, not for a core. Publishes
/// when the signatures are enough, and again when there are more.
Result<void> serve_all(Spread& spread, CommitteeNodes nodes, Published& published)
{
    const Placement placement{spread.object.header(), spread.committee};
    std::vector<std::vector<std::uint64_t>> placed(nodes.size());
    std::vector<std::size_t> served;
    for (std::size_t m = 0; m < nodes.size(); ++m)
    {
        placed[m] = placement.pieces_of(m);
        published.members[m].pieces = placed[m].size();
        spread.bytes_total += placed[m].size() * BYTES_PER_BLOB;
        if (!placed[m].empty())
            served.push_back(m);
    }
    spread.pieces_per_call =
        UploadPace::make(served.size(), spread.options.memory_bytes).pieces_per_call;
    Signatures signatures{nodes.size()};
    signatures.begin(served.size());
    std::vector<std::jthread> threads;
    for (const auto m : served)
        threads.emplace_back([&, m] {
            signatures.end(
                m, serve_with_retries(spread, m, nodes[m], placed[m], published.members[m]));
        });

    std::optional<std::chrono::steady_clock::time_point> until;
    std::optional<Signatures::List> found;
    Result<void> outcome;
    while (outcome && !signatures.all_ended())
    {
        found = signatures.next(until);
        if (!found)
            break;
        if (until || signatures.all_ended() || !is_enough(spread, *found))
            continue;
        outcome = publish_certificate(spread, nodes, *found, published);
        until = std::chrono::steady_clock::now() + spread.options.straggler_patience;
    }
    spread.stragglers_are_left = true;
    for (auto* const node : nodes)
    {
        if (node != nullptr && !signatures.all_ended())
            node->cancel_calls();
    }
    threads.clear();
    ASHLAR_CHECK(outcome);
    found = signatures.next(std::nullopt);
    return is_enough(spread, *found) ? publish_certificate(spread, nodes, *found, published)
                                     : Result<void>{};
}

}  // namespace

Result<Published> spread(const EncodedObject& object, const Committee& committee,
    CommitteeNodes nodes, const PublisherKey& key, const SpreadOptions& options,
    ProgressListener& progress)
{
    ASHLAR_ASSERT(nodes.size() == committee.size());
    ASHLAR_CHECK(note_lease(options));
    Spread state{object, committee, key, options, progress,
        certificate_digest(committee, object.header().root(), options.expiry_unix_seconds)};
    Published published;
    published.members.resize(nodes.size());
    ASHLAR_CHECK(serve_all(state, nodes, published));
    for (const auto& outcome : published.members)
        published.bytes_sent += outcome.bytes_sent;
    if (published.signers.empty())
    {
        std::size_t count = 0;
        for (const auto& outcome : published.members)
            count += outcome.pieces > 0 && outcome.error.empty() ? 1 : 0;
        return fail(ErrorKind::insufficient,
            "only {} of {} nodes signed, too few for a certificate ({}); run the same command "
            "again to continue",
            count, committee.size(), describe_unsigned(published.members));
    }
    published.tolerated_percent = tolerated_percent(object.header(), committee, published.signers);
    return published;
}

}  // namespace ashlar
