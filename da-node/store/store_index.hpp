#pragma once

/// The node's index in RocksDB: leases, metadata, certificates, and where each piece lies. Every
/// write is synced before it returns.

#include <filesystem>
#include <functional>
#include <memory>

#include "da-node/store/segment.hpp"

namespace ashlar
{

/// An object's lease and state.
struct ObjectRecord
{
    HeaderBytes header{};
    Bytes32 publisher_key{};            ///< Whose quota it counts against.
    std::uint64_t reserved_expiry = 0;  ///< Unix seconds; what may be signed.
    std::uint64_t reserved_at = 0;      ///< Unix seconds.
    std::uint64_t signed_expiry = 0;    ///< Unix seconds; 0 if never signed.
    bool metadata = false;              ///< Checked and stored.

    friend bool operator==(const ObjectRecord&, const ObjectRecord&) = default;
};

/// A row of the index.
struct IndexedPiece
{
    std::uint64_t piece;
    PieceLocation location;
};

/// The two byte strings of ObjectMetadata.
enum class MetadataPart : std::uint8_t
{
    commitments,
    group_parity_hashes,
};

/// Thread-safe. Errors: corrupted for damaged tables, insufficient for a full disk, unavailable
/// for other trouble.
class StoreIndex
{
public:
    [[nodiscard]] static Result<std::unique_ptr<StoreIndex>> open(
        const std::filesystem::path& folder);
    ~StoreIndex();

    [[nodiscard]] Result<std::vector<Bytes32>> objects() const;

    /// @return  not_found if the object is unknown.
    [[nodiscard]] Result<ObjectRecord> object(const Bytes32& root) const;
    [[nodiscard]] Result<void> put_object(const Bytes32& root, const ObjectRecord& record);

    /// Removes the object and everything about it.
    [[nodiscard]] Result<void> erase_object(const Bytes32& root);

    /// @return  not_found if the piece is not indexed.
    [[nodiscard]] Result<PieceLocation> piece(const Bytes32& root, std::uint64_t piece) const;
    [[nodiscard]] Result<void> put_pieces(
        const Bytes32& root, std::span<const IndexedPiece> pieces);
    [[nodiscard]] Result<void> erase_piece(const Bytes32& root, std::uint64_t piece);

    /// Ascending by piece.
    [[nodiscard]] Result<std::vector<IndexedPiece>> pieces(const Bytes32& root) const;

    /// Replaces the metadata. Not atomic: the object's record says when it is whole.
    [[nodiscard]] Result<void> put_metadata(const Bytes32& root, const ObjectMetadata& metadata);

    /// Bytes [offset, offset + size) of a part.
    /// @return  not_found or corrupted if they are not all there.
    [[nodiscard]] Result<Bytes> metadata(
        const Bytes32& root, MetadataPart part, std::uint64_t offset, std::uint64_t size) const;

    /// Nothing if there is none.
    [[nodiscard]] Result<std::optional<Bytes>> certificate(const Bytes32& root) const;
    [[nodiscard]] Result<void> put_certificate(const Bytes32& root, ByteView certificate);

private:
    struct Database;
    explicit StoreIndex(std::unique_ptr<Database> database);

    std::unique_ptr<Database> database_;
};

}  // namespace ashlar
