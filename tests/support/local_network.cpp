#include "tests/support/local_network.hpp"

#include "base/hash.hpp"
#include "base/log.hpp"

namespace ashlar::test
{
namespace
{

BlsSecretKey key_of(std::size_t member)
{
    Bytes32 bytes{};
    std::ranges::copy(big_endian(std::uint64_t{member + 1}), bytes.begin() + 24);
    return BlsSecretKey::parse(bytes).value();
}

}  // namespace

Result<NodeApi*> LocalNode::target()
{
    auto* const service = service_.load();
    if (service == nullptr)
        return fail(ErrorKind::unavailable, "connection refused");
    return service;
}

Committee make_committee(std::size_t count)
{
    Committee::Parts parts;
    for (std::size_t i = 0; i < count; ++i)
    {
        const auto key = key_of(i);
        parts.members.push_back({.key = key.public_key(),
            .possession_proof = key.prove_possession().bytes(),
            .operator_id = sha256(big_endian(std::uint64_t{i})),
            .weight = 1});
    }
    return Committee::make(std::move(parts)).value();
}

LocalNetwork::LocalNetwork(std::size_t count) : LocalNetwork{make_committee(count)}
{}

LocalNetwork::LocalNetwork(Committee committee)
  : committee_{std::move(committee)}, stores_(committee_.size()), services_(committee_.size())
{
    spdlog::set_level(spdlog::level::err);
    for (std::size_t i = 0; i < committee_.size(); ++i)
    {
        nodes_.push_back(std::make_unique<LocalNode>());
        pointers_.push_back(nodes_.back().get());
        open(i);
    }
}

LocalNetwork::~LocalNetwork() = default;

std::filesystem::path LocalNetwork::folder(std::size_t i) const
{
    return folder_.path() / fmt::format("node-{}", i);
}

void LocalNetwork::open(std::size_t i)
{
    stores_[i] = NodeStore::open(folder(i), {.free_bytes_min = 0}).value();
    services_[i] = NodeService::make({.key = key_of(i),
                                         .committee = committee_,
                                         .record = {},
                                         .store = *stores_[i],
                                         .clock = clock_})
                       .value();
    nodes_[i]->start(*services_[i]);
}

void LocalNetwork::start_all()
{
    for (std::size_t i = 0; i < nodes_.size(); ++i)
        start(i);
}

void LocalNetwork::restart(std::size_t i)
{
    nodes_[i]->stop();
    services_[i].reset();
    stores_[i].reset();
    open(i);
}

void LocalNetwork::wipe(std::size_t i)
{
    nodes_[i]->stop();
    services_[i].reset();
    stores_[i].reset();
    std::filesystem::remove_all(folder(i));
    open(i);
}

Result<std::unique_ptr<PublishedFolder>> publish_folder(
    const LocalNetwork& network, const std::filesystem::path& folder, const EncodeOptions& options)
{
    ASHLAR_TRY(auto payload, Payload::from_folder(folder));
    // The object refers to its payload, so that must first be where it stays.
    auto kept = std::make_unique<Payload>(std::move(payload));
    ASHLAR_TRY(
        auto object, EncodedObject::make(*kept, network.committee(), options, no_progress()));
    ASHLAR_TRY(auto published,
        spread(object, network.committee(), network.nodes(), PublisherKey::generate(),
            {.expiry_unix_seconds = LocalNetwork::EXPIRY, .attempts_max = 1}, no_progress()));
    return std::make_unique<PublishedFolder>(
        PublishedFolder{std::move(kept), std::move(object), std::move(published)});
}

Result<FetchedFiles> fetch_all(const LocalNetwork& network, const Bytes32& root,
    const std::filesystem::path& destination, FetchCounts* counts,
    std::vector<FalseAnswer>* false_answers)
{
    ASHLAR_TRY(const auto view, open_object(root, network.committee(), network.nodes()));
    ASHLAR_TRY(auto blobs, BlobFetcher::make(view, network.committee(), network.nodes(), {}));
    const auto report = [&] {
        if (counts != nullptr)
            *counts = blobs.counts();
        if (false_answers != nullptr)
            *false_answers = blobs.false_answers();
    };
    auto fetched = [&]() -> Result<FetchedFiles> {
        ASHLAR_TRY(const auto directory, fetch_directory(view, blobs, no_progress()));
        return fetch_files(
            blobs, directory, {.destination = destination, .files = {}}, no_progress());
    }();
    report();
    return fetched;
}

}  // namespace ashlar::test
