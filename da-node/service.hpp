#pragma once

/// The node itself: every check of DESIGN §6 between a request and the store. Nothing here knows
/// gRPC; rpc/ adapts it to the network and tests call it directly.

#include <memory>

#include "base/clock.hpp"
#include "da-node/cell_cache.hpp"
#include "da-node/store/node_store.hpp"

namespace ashlar
{

/// What a node lets publishers use.
struct ServiceLimits
{
    std::uint64_t publisher_bytes_max = 4ULL << 40;  ///< Reserved by one publisher's key.
    std::uint64_t reserved_bytes_max = 64ULL << 40;  ///< Reserved by all.
    std::size_t objects_max = 65'536;
    std::uint64_t stored_blobs_max = 1ULL << 25;  ///< S of one object: 4 TiB.
    std::size_t cached_cell_sets = 64;
};

inline constexpr std::uint64_t SECONDS_PER_DAY = 86'400;
inline constexpr std::uint64_t LEASE_SECONDS_MAX = 10 * 365 * SECONDS_PER_DAY;
inline constexpr std::uint64_t UPLOAD_SECONDS_MAX = SECONDS_PER_DAY;  ///< Until signed.
inline constexpr std::uint64_t GRACE_SECONDS = 7 * SECONDS_PER_DAY;   ///< After expiry.

class NodeService final : public NodeApi
{
public:
    struct Parts
    {
        BlsSecretKey key;
        Committee committee;
        SignedNodeRecord record;
        NodeStore& store;    ///< Outlives the service.
        const Clock& clock;  ///< Outlives the service.
        ServiceLimits limits{};
    };

    /// @return  invalid_input if the key is none of the committee's.
    [[nodiscard]] static Result<std::unique_ptr<NodeService>> make(Parts parts);

    [[nodiscard]] Result<NodeStatus> status() override;
    [[nodiscard]] Result<void> reserve(const ReserveRequest& request) override;
    [[nodiscard]] Result<void> put_metadata(
        const Bytes32& object_root, const ObjectMetadata& metadata) override;
    [[nodiscard]] Result<void> put_pieces(
        const Bytes32& object_root, std::span<const CarriedPiece> pieces) override;
    [[nodiscard]] Result<Holdings> holdings(const Bytes32& object_root) override;
    [[nodiscard]] Result<BlsSignature> sign(
        const Bytes32& object_root, std::uint64_t expiry_unix_seconds) override;
    [[nodiscard]] Result<void> put_certificate(
        const Bytes32& object_root, const Certificate& certificate) override;
    [[nodiscard]] Result<ObjectInfo> object(const Bytes32& object_root) override;
    [[nodiscard]] Result<ObjectMetadata> metadata(const Bytes32& object_root) override;
    [[nodiscard]] Result<void> get_pieces(const Bytes32& object_root,
        std::span<const std::uint64_t> pieces, const PieceSink& sink) override;
    [[nodiscard]] Result<void> get_carried_pieces(const Bytes32& object_root,
        std::span<const std::uint64_t> pieces, const CarriedSink& sink) override;
    [[nodiscard]] Result<CellAnswer> get_cell(
        const Bytes32& object_root, std::uint64_t stored, std::uint64_t cell_index) override;
    [[nodiscard]] Result<Bytes> fold_record(const Bytes32& object_root) override;
    [[nodiscard]] Result<Bytes> get_walk(
        const Bytes32& object_root, std::uint64_t position) override;

    /// Drops uploads that nobody completed and objects whose lease and grace are over. Call it
    /// now and then.
    void sweep();

private:
    NodeService(Parts parts, std::size_t member);

    [[nodiscard]] Result<std::shared_ptr<StoredObject>> find(const Bytes32& root) const;

    /// Calls visit() for each piece of a request until it fails.
    [[nodiscard]] Result<void> for_each_asked(const Bytes32& object_root,
        std::span<const std::uint64_t> pieces,
        const std::function<Result<void>(StoredObject&, std::uint64_t)>& visit) const;

    /// Pieces of the object that are placed on this node, ascending.
    [[nodiscard]] std::vector<std::uint64_t> placed_pieces(const ObjectHeader& header) const;

    /// Everything about a reservation but its quota; the bytes that it takes.
    [[nodiscard]] Result<std::uint64_t> check_reservation(
        const ReserveRequest& request, const ObjectHeader& header) const;
    [[nodiscard]] Result<void> check_quota(const Bytes32& publisher_key, const Bytes32& root,
        std::uint64_t bytes) const ASHLAR_REQUIRES(lease_mutex_);

    [[nodiscard]] Result<void> check_pieces(
        const StoredObject& object, std::span<const PieceContents> pieces) const;
    /// Takes up what the parent has under the same number with the same commitment or hash, if the
    /// parent is here. Trouble is logged: those pieces then have to come.
    void inherit_from_parent(StoredObject& object, const ObjectMetadata& metadata);

    /// A data blob of the object's parent, raw.
    /// @return  not_found if the parent, or that piece of it, is not here.
    [[nodiscard]] Result<Bytes> parent_blob(const StoredObject& object, std::uint64_t piece) const;

    [[nodiscard]] Result<void> put_unit(StoredObject& object, std::span<const CarriedPiece> pieces);

    const Parts parts_;
    const std::size_t member_;
    CellCache cells_;

    /// Held while leases are compared with quotas and changed.
    Mutex lease_mutex_;
    /// Bytes reserved for each object.
    std::map<Bytes32, std::uint64_t> reserved_bytes_ ASHLAR_GUARDED_BY(lease_mutex_);
};

}  // namespace ashlar
