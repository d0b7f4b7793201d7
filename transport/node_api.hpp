#pragma once

/// What a DA node offers. One interface for all sides: da-node's service implements it, the gRPC
/// client implements it, tests plug in liars. Nothing here knows gRPC.
///
/// Answers are untrusted: a client checks everything against the object root.

#include <functional>

#include "commitments/cells.hpp"
#include "commitments/walk.hpp"
#include "object/certificate.hpp"
#include "transport/object_metadata.hpp"

namespace ashlar
{

inline constexpr std::size_t MESSAGE_BYTES_MAX = 4u << 20;  ///< Greatest gRPC message.

/// Blobs in one message of an upload or a download: well inside MESSAGE_BYTES_MAX.
inline constexpr std::size_t BLOBS_PER_MESSAGE_MAX = 24;
static_assert(BLOBS_PER_MESSAGE_MAX * (BYTES_PER_BLOB + 64) < MESSAGE_BYTES_MAX);

/// What an upload to many members at once has on its way. No member waits for another, so it is one
/// piece each at least, whatever the memory.
struct UploadPace
{
    std::size_t pieces_per_call;  ///< 1 to BLOBS_PER_MESSAGE_MAX.
    std::uint64_t bytes;          ///< Of all members' pieces, here, in messages and in gRPC.

    /// Within a quarter of the memory, where it may be.
    [[nodiscard]] static UploadPace make(std::size_t members, std::uint64_t memory_bytes) noexcept;
};

/// Bytes of metadata in one message.
inline constexpr std::size_t METADATA_CHUNK_BYTES_MAX = 1u << 20;

/// Pieces that one get_pieces() call may ask for.
inline constexpr std::size_t PIECES_PER_REQUEST_MAX = 4096;

/// Pieces of one object that a node may hold: 2 TiB. Bounds the list in Holdings.
inline constexpr std::uint64_t HOLDINGS_PIECES_MAX = 1ULL << 24;

/// Who a node says it is.
struct NodeStatus
{
    Bytes48 public_key{};
    Bytes32 committee_root{};  ///< Of the epoch it serves.
    SignedNodeRecord record;
    std::uint64_t objects = 0;       ///< Signed objects it keeps.
    std::uint64_t stored_bytes = 0;  ///< Of pieces on its disk, as they lie there.
    bool degraded = false;           ///< Disk trouble: it reads but does not accept.
};

/// A publisher's wish to store an object, against its quota.
struct ReserveRequest
{
    HeaderBytes header{};
    std::uint64_t expiry_unix_seconds = 0;
    Bytes32 publisher_key{};        ///< Ed25519
    Bytes64 publisher_signature{};  ///< Over reservation_digest().
};

/// The 32 bytes that the publisher's Ed25519 key signs.
[[nodiscard]] Bytes32 reservation_digest(
    const Bytes32& committee_root, const Bytes32& object_root, std::uint64_t expiry_unix_seconds);

/// What a node holds of an object.
struct Holdings
{
    bool metadata = false;
    bool is_signed = false;
    std::vector<std::uint64_t> pieces;  ///< Ascending; durable and verified.
    std::uint64_t stored_bytes = 0;     ///< Of these pieces, as they lie on disk.
};

/// What a node knows of an object before any blob is read.
struct ObjectInfo
{
    HeaderBytes header{};
    std::optional<Certificate> certificate;
};

/// A piece with its 131,072 bytes; the view lives as long as the call that passes it.
struct PieceView
{
    std::uint64_t piece;
    BlobView bytes;
};

/// A piece as it is checked and kept: a data blob's bytes may be said as its payload; a local
/// parity's are said as elements, though it has none. A view.
struct PieceContents
{
    std::uint64_t piece;
    BlobContents bytes;
};

/// How the bytes of a piece are said. The numbers are on disk (da-node/store/segment.hpp).
enum class PieceForm : std::uint8_t
{
    raw = 0,     ///< As they are: 131,072.
    stored = 1,  ///< In docs/formats/stored-form.md's form: a data blob, at most CARRIED_BYTES_MAX.
};

/// The longest stored form, which is shorter than the blob; checkpoint's STORED_FORM_BYTES_MAX.
inline constexpr std::size_t CARRIED_BYTES_MAX = 126'990;
static_assert(CARRIED_BYTES_MAX < BYTES_PER_BLOB);

/// A piece as it travels and lies on disk; the view lives as long as the call that passes it.
struct CarriedPiece
{
    std::uint64_t piece = 0;
    PieceForm form = PieceForm::raw;
    ByteView bytes{};
};

[[nodiscard]] inline CarriedPiece carried_raw(const PieceView& piece)
{
    return {.piece = piece.piece, .form = PieceForm::raw, .bytes = piece.bytes};
}

/// Whether it has as many bytes as its form allows; says nothing of what they are.
[[nodiscard]] bool has_carried_length(PieceForm form, std::size_t bytes) noexcept;

/// Called for each piece that arrives, in any order. An error ends the call with that error.
using PieceSink = std::function<Result<void>(const PieceView&)>;
using CarriedSink = std::function<Result<void>(const CarriedPiece&)>;

struct CellAnswer
{
    Cell cell;
    Bytes48 proof;
};

/// What a light client asks of a node: small, so that other transports and tests plug in.
///
/// Implementations are thread-safe. Every call has a deadline of the implementation's own.
/// Errors: invalid_input (request refused), proof_invalid (what was sent does not hold),
/// not_found (object or piece unknown), insufficient (quota, disk, or not all pieces yet),
/// unavailable (no answer), corrupted (the node's own bytes are damaged).
class LightNodeApi
{
public:
    virtual ~LightNodeApi() = default;

    [[nodiscard]] virtual Result<ObjectInfo> object(const Bytes32& object_root) = 0;
    [[nodiscard]] virtual Result<ObjectMetadata> metadata(const Bytes32& object_root) = 0;

    /// The fold record of docs/formats/fold.md, of at most FOLD_RECORD_BYTES_MAX.
    [[nodiscard]] virtual Result<Bytes> fold_record(const Bytes32& object_root) = 0;

    /// The walk from a position, of at most WALK_BYTES_MAX; no bytes if J = 0. Any node that has
    /// the metadata can give it.
    /// @pre position < 2D (else invalid_input)
    [[nodiscard]] virtual Result<Bytes> get_walk(
        const Bytes32& object_root, std::uint64_t position) = 0;

    /// Streams the pieces that the node has of those asked for, raw; the others are simply absent.
    [[nodiscard]] virtual Result<void> get_pieces(const Bytes32& object_root,
        std::span<const std::uint64_t> pieces, const PieceSink& sink) = 0;

    /// @pre stored < S, cell_index < 128 (else invalid_input)
    [[nodiscard]] virtual Result<CellAnswer> get_cell(
        const Bytes32& object_root, std::uint64_t stored, std::uint64_t cell_index) = 0;

    /// Ends calls in progress with `unavailable`, where the implementation can. Calls that begin
    /// later are not touched.
    virtual void cancel_calls() {}
};

/// All that a node offers. Rules as for LightNodeApi.
class NodeApi : public LightNodeApi
{
public:
    [[nodiscard]] virtual Result<NodeStatus> status() = 0;

    /// Idempotent. Opens an upload: unsigned ones are dropped 24 h later.
    [[nodiscard]] virtual Result<void> reserve(const ReserveRequest& request) = 0;

    /// Idempotent. The node makes the full check, recomputes the fold record and compares with
    /// the header before it keeps anything.
    [[nodiscard]] virtual Result<void> put_metadata(
        const Bytes32& object_root, const ObjectMetadata& metadata) = 0;

    /// Idempotent. The node verifies each piece against its commitment or parity hash and makes
    /// it durable, in the form in which it came, before it answers. At most BLOBS_PER_MESSAGE_MAX
    /// pieces are taken as one unit; implementations split larger calls.
    [[nodiscard]] virtual Result<void> put_pieces(
        const Bytes32& object_root, std::span<const CarriedPiece> pieces) = 0;

    /// As get_pieces(), but each piece comes as it lies on the node's disk, for a reader who can
    /// decode it. By default they come raw.
    [[nodiscard]] virtual Result<void> get_carried_pieces(
        const Bytes32& object_root, std::span<const std::uint64_t> pieces, const CarriedSink& sink);

    [[nodiscard]] virtual Result<Holdings> holdings(const Bytes32& object_root) = 0;

    /// The node's signature that it keeps its pieces until `expiry`.
    /// @return  insufficient while pieces placed on it are missing; invalid_input if no piece is
    ///          placed on it or the expiry is not the reserved one.
    [[nodiscard]] virtual Result<BlsSignature> sign(
        const Bytes32& object_root, std::uint64_t expiry_unix_seconds) = 0;

    /// Keeps a certificate, after verifying it, so that readers find it on any node.
    [[nodiscard]] virtual Result<void> put_certificate(
        const Bytes32& object_root, const Certificate& certificate) = 0;
};

/// One node per committee member, in member order; null where no address is known.
using CommitteeNodes = std::span<NodeApi* const>;

}  // namespace ashlar
