#pragma once

/// A committee of real nodes (service and store) in this process: no ports, no waiting.

#include "base/clock.hpp"
#include "da-node/service.hpp"
#include "publisher/publish.hpp"
#include "retrieval/fetch.hpp"
#include "tests/support/forwarding_node.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ashlar::test
{

/// A node that can be stopped and started; stopped, it answers like a dead machine.
class LocalNode final : public ForwardingNode
{
public:
    void start(NodeService& service) { service_ = &service; }
    void stop() { service_ = nullptr; }

    /// Stored forms travel; liars in front of the node ask it for raw pieces.
    Result<void> get_carried_pieces(const Bytes32& root, std::span<const std::uint64_t> pieces,
        const CarriedSink& sink) override
    {
        ASHLAR_TRY(auto* const node, target());
        return node->get_carried_pieces(root, pieces, sink);
    }

protected:
    [[nodiscard]] Result<NodeApi*> target() override;

private:
    std::atomic<NodeService*> service_{nullptr};
};

/// `count` members of weight 1, each its own operator, keys 1, 2, ….
[[nodiscard]] Committee make_committee(std::size_t count);

class LocalNetwork
{
public:
    static constexpr std::uint64_t NOW = 1'800'000'000;
    static constexpr std::uint64_t EXPIRY = NOW + 30 * SECONDS_PER_DAY;

    explicit LocalNetwork(std::size_t count);

    /// @pre the members' keys are 1, 2, …
    explicit LocalNetwork(Committee committee);
    ~LocalNetwork();

    [[nodiscard]] const Committee& committee() const { return committee_; }
    [[nodiscard]] std::span<NodeApi* const> nodes() const { return pointers_; }
    [[nodiscard]] NodeService& service(std::size_t i) { return *services_[i]; }
    [[nodiscard]] std::filesystem::path folder(std::size_t i) const;
    [[nodiscard]] ManualClock& clock() { return clock_; }

    void stop(std::size_t i) { nodes_[i]->stop(); }
    void start(std::size_t i) { nodes_[i]->start(*services_[i]); }
    void start_all();

    /// Closes the node's store and opens it again, as a restarted process would.
    void restart(std::size_t i);

    /// The node comes back with an empty disk.
    void wipe(std::size_t i);

    /// Puts another node in front of member i, e.g. a liar.
    void replace(std::size_t i, NodeApi& node) { pointers_[i] = &node; }

private:
    void open(std::size_t i);

    TemporaryFolder folder_;
    ManualClock clock_{NOW};
    Committee committee_;
    std::vector<std::unique_ptr<NodeStore>> stores_;
    std::vector<std::unique_ptr<NodeService>> services_;
    std::vector<std::unique_ptr<LocalNode>> nodes_;
    std::vector<NodeApi*> pointers_;
};

/// What publish() needs to live on: payload, encoded object and what came of it.
struct PublishedFolder
{
    std::unique_ptr<Payload> payload;  ///< The object refers to it, so it must not move.
    EncodedObject object;
    Published published;

    [[nodiscard]] const Bytes32& root() const { return object.header().root(); }
};

/// Publishes a folder over the network's running nodes.
[[nodiscard]] Result<std::unique_ptr<PublishedFolder>> publish_folder(const LocalNetwork& network,
    const std::filesystem::path& folder, const EncodeOptions& options = {});

/// Fetches everything into a folder.
[[nodiscard]] Result<FetchedFiles> fetch_all(const LocalNetwork& network, const Bytes32& root,
    const std::filesystem::path& destination, FetchCounts* counts = nullptr,
    std::vector<FalseAnswer>* false_answers = nullptr);

}  // namespace ashlar::test
