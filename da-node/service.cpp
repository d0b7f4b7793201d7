#include "da-node/service.hpp"

#include <bit>

#include <sodium.h>

#include "base/hash.hpp"
#include "base/log.hpp"
#include "commitments/blob_batch.hpp"
#include "da-node/arrived_pieces.hpp"
#include "da-node/metadata_check.hpp"

namespace ashlar
{
namespace
{

Result<void> verify_publisher(const ReserveRequest& request, const Bytes32& digest)
{
    const auto bytes = [](ByteView view) {
        return reinterpret_cast<const unsigned char*>(view.data());
    };
    if (crypto_sign_verify_detached(bytes(request.publisher_signature), bytes(digest),
            digest.size(), bytes(request.publisher_key)) != 0)
        return fail(ErrorKind::proof_invalid, "the reservation's signature does not hold");
    return {};
}

/// A data element of 2²⁴⁸ or more makes the object invalid, even where its commitment is right.
bool is_payload(const BlobContents& blob)
{
    if (blob.is_payload())
        return true;
    for (std::size_t at = 0; at < BYTES_PER_BLOB; at += BYTES_PER_ELEMENT)
    {
        if (blob.bytes()[at] != std::byte{0})
            return false;
    }
    return true;
}

/// An object's pieces by what proves them.
struct VersionPieces
{
    const ObjectShape& shape;
    const ObjectMetadata& metadata;

    /// Data blobs 0, parity blobs 1, local parities 2: each is checked in its own way.
    [[nodiscard]] unsigned kind(std::uint64_t piece) const
    {
        return piece < shape.data_blobs() ? 0U : piece < shape.stored_count() ? 1U : 2U;
    }

    /// The commitment or hash of a piece; empty if the object has no such piece.
    [[nodiscard]] ByteView proof(std::uint64_t piece) const
    {
        if (piece >= piece_count(shape))
            return {};
        const auto stored = shape.stored_count();
        return piece < stored
                   ? ByteView{metadata.commitments}.subspan(piece * BYTES_PER_G1, BYTES_PER_G1)
                   : ByteView{metadata.group_parity_hashes}.subspan(
                         (piece - stored) * sizeof(Bytes32), sizeof(Bytes32));
    }
};

bool is_same_piece(const VersionPieces& ours, const VersionPieces& theirs, std::uint64_t piece)
{
    return ours.kind(piece) == theirs.kind(piece) && equal(ours.proof(piece), theirs.proof(piece));
}

/// @pre claims.size() == pieces.size() > 0
Result<void> verify_claims(std::span<const BlobClaim> claims, std::span<const std::uint64_t> pieces)
{
    const auto verified = verify_blobs(claims);
    if (verified)
        return {};
    std::vector<std::uint64_t> false_pieces;
    for (const auto i : find_false_blobs(claims))
        false_pieces.push_back(pieces[i]);
    return fail(verified.error().kind, "pieces that do not match their commitments: {}",
        fmt::join(false_pieces, ", "));
}

std::size_t signer_count(const Certificate& certificate)
{
    std::size_t count = 0;
    for (const auto byte : certificate.signers)
        count += static_cast<std::size_t>(std::popcount(std::to_integer<unsigned>(byte)));
    return count;
}

/// Later first, then more signers: nobody can put a worse certificate in a better one's place.
bool is_better(const Certificate& a, const Certificate& b)
{
    if (a.expiry_unix_seconds != b.expiry_unix_seconds)
        return a.expiry_unix_seconds > b.expiry_unix_seconds;
    return signer_count(a) > signer_count(b);
}

}  // namespace

NodeService::NodeService(Parts parts, std::size_t member)
  : parts_{std::move(parts)}, member_{member}, cells_{parts_.limits.cached_cell_sets}
{}

Result<std::unique_ptr<NodeService>> NodeService::make(Parts parts)
{
    const auto member = parts.committee.find(parts.key.public_key());
    if (!member)
        return fail(ErrorKind::invalid_input, "this node's key {} is not in the committee",
            to_hex(parts.key.public_key().bytes()));
    std::unique_ptr<NodeService> service{new NodeService{std::move(parts), *member}};
    for (const auto& object : service->parts_.store.objects())
    {
        const auto& header = object->header();
        const auto bytes = service->placed_pieces(header).size() * BYTES_PER_BLOB +
                           MetadataSizes::of(header.shape()).total();
        const MutexLock lock{service->lease_mutex_};
        service->reserved_bytes_.emplace(header.root(), bytes);
    }
    return service;
}

Result<std::shared_ptr<StoredObject>> NodeService::find(const Bytes32& root) const
{
    auto object = parts_.store.find(root);
    if (!object)
        return fail(ErrorKind::not_found, "object {} is not known here", to_hex(root));
    return object;
}

std::vector<std::uint64_t> NodeService::placed_pieces(const ObjectHeader& header) const
{
    return Placement{header, parts_.committee}.pieces_of(member_);
}

Result<NodeStatus> NodeService::status()
{
    NodeStatus status{.public_key = parts_.key.public_key().bytes(),
        .committee_root = parts_.committee.root(),
        .record = parts_.record,
        .objects = 0,
        .stored_bytes = parts_.store.stored_bytes(),
        .degraded = parts_.store.degraded()};
    for (const auto& object : parts_.store.objects())
        status.objects += object->claimed_expiry() != 0 ? 1 : 0;
    return status;
}

Result<std::uint64_t> NodeService::check_reservation(
    const ReserveRequest& request, const ObjectHeader& header) const
{
    const auto now = parts_.clock.unix_seconds();
    if (request.expiry_unix_seconds <= now)
        return fail(ErrorKind::invalid_input, "the expiry {} is over; it is {}",
            request.expiry_unix_seconds, now);
    if (request.expiry_unix_seconds - now > LEASE_SECONDS_MAX)
        return fail(ErrorKind::invalid_input, "the expiry {} is more than ten years away",
            request.expiry_unix_seconds);
    const auto digest =
        reservation_digest(parts_.committee.root(), header.root(), request.expiry_unix_seconds);
    ASHLAR_CHECK(verify_publisher(request, digest));
    if (header.shape().stored_count() > parts_.limits.stored_blobs_max)
        return fail(ErrorKind::insufficient, "{} stored blobs; this node takes objects of {}",
            header.shape().stored_count(), parts_.limits.stored_blobs_max);
    const auto placed = placed_pieces(header).size();
    if (placed == 0)
        return fail(ErrorKind::invalid_input, "no piece of the object is placed on this node");
    if (placed > HOLDINGS_PIECES_MAX)
        return fail(ErrorKind::insufficient, "{} pieces are placed here; a node takes {} at most",
            placed, HOLDINGS_PIECES_MAX);
    return placed * BYTES_PER_BLOB + MetadataSizes::of(header.shape()).total();
}

Result<void> NodeService::check_quota(
    const Bytes32& publisher_key, const Bytes32& root, std::uint64_t bytes) const
{
    std::uint64_t of_publisher = bytes;
    std::uint64_t of_all = bytes;
    for (const auto& [other, reserved] : reserved_bytes_)
    {
        const auto object = parts_.store.find(other);
        if (other == root || !object)
            continue;
        of_all += reserved;
        if (object->record().publisher_key == publisher_key)
            of_publisher += reserved;
    }
    if (of_publisher > parts_.limits.publisher_bytes_max)
        return fail(ErrorKind::insufficient, "{} bytes reserved with this; the quota is {}",
            of_publisher, parts_.limits.publisher_bytes_max);
    if (of_all > parts_.limits.reserved_bytes_max)
        return fail(ErrorKind::insufficient, "all of the node's room is reserved");
    return {};
}

Result<void> NodeService::reserve(const ReserveRequest& request)
{
    ASHLAR_TRY(const auto header, ObjectHeader::parse(request.header));
    ASHLAR_TRY(const auto bytes, check_reservation(request, header));
    const ObjectRecord lease{.header = header.bytes(),
        .publisher_key = request.publisher_key,
        .reserved_expiry = request.expiry_unix_seconds,
        .reserved_at = parts_.clock.unix_seconds()};

    const MutexLock lock{lease_mutex_};
    ASHLAR_CHECK(check_quota(request.publisher_key, header.root(), bytes));
    if (const auto object = parts_.store.find(header.root()))
    {
        const auto record = object->record();
        const bool own = record.publisher_key == request.publisher_key;
        const auto least = std::max(record.signed_expiry, own ? record.reserved_expiry : 0);
        if (request.expiry_unix_seconds < least)
            return fail(ErrorKind::invalid_input, "the object is already kept until {}", least);
        return parts_.store.note_write(object->put_lease(lease));
    }
    if (reserved_bytes_.size() >= parts_.limits.objects_max)
        return fail(ErrorKind::insufficient, "the node keeps {} objects and takes no more",
            reserved_bytes_.size());
    ASHLAR_CHECK(parts_.store.check_room(bytes));
    const auto created = parts_.store.create(header.root(), lease);
    if (!created)
        return parts_.store.note_write(tl::unexpected<Error>{created.error()});
    reserved_bytes_.emplace(header.root(), bytes);
    spdlog::info("reserved {} until {}: {} bytes", to_hex(header.root()),
        request.expiry_unix_seconds, bytes);
    return {};
}

Result<void> NodeService::put_metadata(const Bytes32& object_root, const ObjectMetadata& metadata)
{
    ASHLAR_TRY(const auto object, find(object_root));
    if (const auto stored = object->metadata(); stored && *stored == metadata)
    {
        inherit_from_parent(*object, metadata);
        return {};
    }
    ASHLAR_TRY(const auto fold, check_metadata(object->header(), metadata));
    ASHLAR_CHECK(
        parts_.store.check_room(metadata.commitments.size() + metadata.group_parity_hashes.size()));
    ASHLAR_CHECK(parts_.store.note_write(object->put_metadata(metadata, fold)));
    spdlog::info("metadata of {} passed the full check", to_hex(object_root));
    inherit_from_parent(*object, metadata);
    return {};
}

void NodeService::inherit_from_parent(StoredObject& object, const ObjectMetadata& metadata)
{
    const auto parent = parts_.store.find(object.header().fields().parent_root);
    if (!parent)
        return;
    const auto parents = parent->metadata();
    if (!parents)
        return;
    const VersionPieces ours{object.header().shape(), metadata};
    const VersionPieces theirs{parent->header().shape(), *parents};
    auto equal = placed_pieces(object.header());
    std::erase_if(equal, [&](std::uint64_t piece) { return !is_same_piece(ours, theirs, piece); });
    if (const auto inherited = object.inherit(*parent, equal); !inherited)
        spdlog::warn("{} does not inherit all from its parent: {}", to_hex(object.header().root()),
            inherited.error().message);
}

Result<void> NodeService::check_pieces(
    const StoredObject& object, std::span<const PieceContents> pieces) const
{
    const auto& shape = object.header().shape();
    const Placement placement{object.header(), parts_.committee};
    std::vector<BlobClaim> claims;
    std::vector<std::uint64_t> claimed_pieces;
    for (const auto& [piece, bytes] : pieces)
    {
        const auto holders = placement.holders(piece);
        if (std::ranges::find(holders, member_) == holders.end())
            return fail(ErrorKind::invalid_input, "piece {} is not placed on this node", piece);
        if (piece >= shape.stored_count())
        {
            ASHLAR_TRY(const auto expected, object.group_parity_hash(piece - shape.stored_count()));
            if (sha256(bytes.elements()) != expected)
                return fail(ErrorKind::proof_invalid, "local parity {} is not the header's",
                    piece - shape.stored_count());
            continue;
        }
        if (piece < shape.data_blobs() && !is_payload(bytes))
            return fail(
                ErrorKind::proof_invalid, "data blob {} has an element over 31 bytes", piece);
        ASHLAR_TRY(const auto commitment, object.commitment(piece));
        claims.push_back({.blob = bytes, .commitment = commitment});
        claimed_pieces.push_back(piece);
    }
    // No claims at all would verify: that is no claim that they hold.
    return claims.empty() ? Result<void>{} : verify_claims(claims, claimed_pieces);
}

Result<Bytes> NodeService::parent_blob(const StoredObject& object, std::uint64_t piece) const
{
    const auto parent = parts_.store.find(object.header().fields().parent_root);
    if (parent && piece < parent->header().shape().data_blobs())
    {
        auto blob = parent->read_piece(piece);
        if (blob || blob.error().kind == ErrorKind::unavailable)
            return blob;
    }
    return fail(
        ErrorKind::not_found, "piece {} came as a difference, and the parent's is not here", piece);
}

Result<void> NodeService::put_unit(StoredObject& object, std::span<const CarriedPiece> pieces)
{
    ASHLAR_TRY(
        const auto arrived, ArrivedPieces::decode(pieces, object.header().shape(),
                                [&](std::uint64_t piece) { return parent_blob(object, piece); }));
    ASHLAR_CHECK(check_pieces(object, arrived.decoded()));
    ASHLAR_CHECK(parts_.store.check_room(pieces.size() * SLOT_BYTES));
    return parts_.store.note_write(object.put_pieces(arrived.kept()));
}

Result<void> NodeService::put_pieces(
    const Bytes32& object_root, std::span<const CarriedPiece> pieces)
{
    ASHLAR_TRY(const auto object, find(object_root));
    if (!object->record().metadata)
        return fail(ErrorKind::insufficient, "the object's metadata has to come before its pieces");
    for (std::size_t at = 0; at < pieces.size(); at += BLOBS_PER_MESSAGE_MAX)
    {
        const auto count = std::min(BLOBS_PER_MESSAGE_MAX, pieces.size() - at);
        ASHLAR_CHECK(put_unit(*object, pieces.subspan(at, count)));
    }
    return {};
}

Result<Holdings> NodeService::holdings(const Bytes32& object_root)
{
    ASHLAR_TRY(const auto object, find(object_root));
    Holdings holdings{.metadata = object->record().metadata,
        .is_signed = object->claimed_expiry() != 0,
        .pieces = {},
        .stored_bytes = object->amount().bytes};
    ASHLAR_TRY(holdings.pieces, object->pieces());
    return holdings;
}

Result<BlsSignature> NodeService::sign(
    const Bytes32& object_root, std::uint64_t expiry_unix_seconds)
{
    ASHLAR_TRY(const auto object, find(object_root));
    const auto record = object->record();
    if (!record.metadata)
        return fail(ErrorKind::insufficient, "the object's metadata has not arrived");
    const auto now = parts_.clock.unix_seconds();
    if (expiry_unix_seconds <= now)
        return fail(
            ErrorKind::invalid_input, "the expiry {} is over; it is {}", expiry_unix_seconds, now);
    if (expiry_unix_seconds < record.signed_expiry)
        return fail(
            ErrorKind::invalid_input, "the node signed until {} already", record.signed_expiry);
    const auto digest = certificate_digest(parts_.committee, object_root, expiry_unix_seconds);
    if (object->claimed_expiry() == expiry_unix_seconds)
        return parts_.key.sign(digest);
    if (expiry_unix_seconds != record.reserved_expiry)
        return fail(ErrorKind::invalid_input, "the object is reserved until {}, not {}",
            record.reserved_expiry, expiry_unix_seconds);
    ASHLAR_TRY(const auto held, object->pieces());
    const auto placed = placed_pieces(object->header());
    if (!std::ranges::includes(held, placed))
        return fail(ErrorKind::insufficient, "{} of the {} pieces placed here have arrived",
            held.size(), placed.size());
    ASHLAR_CHECK(parts_.store.note_write(object->record_signature(expiry_unix_seconds, placed)));
    spdlog::info("signed {} until {}", to_hex(object_root), expiry_unix_seconds);
    return parts_.key.sign(digest);
}

Result<void> NodeService::put_certificate(
    const Bytes32& object_root, const Certificate& certificate)
{
    ASHLAR_TRY(const auto object, find(object_root));
    const auto signers = verify_certificate(parts_.committee, object_root, certificate);
    if (!signers)
        return tl::unexpected<Error>{signers.error()};
    ASHLAR_TRY(const auto stored, object->certificate());
    if (stored)
    {
        const auto current = Certificate::parse(*stored);
        if (current && !is_better(certificate, *current))
            return {};
    }
    return parts_.store.note_write(object->put_certificate(certificate.encode()));
}

Result<ObjectInfo> NodeService::object(const Bytes32& object_root)
{
    ASHLAR_TRY(const auto object, find(object_root));
    ObjectInfo info{.header = object->header().bytes(), .certificate = std::nullopt};
    ASHLAR_TRY(const auto stored, object->certificate());
    if (stored)
    {
        ASHLAR_TRY(info.certificate, Certificate::parse(*stored));
    }
    return info;
}

Result<ObjectMetadata> NodeService::metadata(const Bytes32& object_root)
{
    ASHLAR_TRY(const auto object, find(object_root));
    return object->metadata();
}

Result<void> NodeService::get_pieces(
    const Bytes32& object_root, std::span<const std::uint64_t> pieces, const PieceSink& sink)
{
    return for_each_asked(object_root, pieces, [&](StoredObject& object, std::uint64_t piece) {
        const auto bytes = object.read_piece(piece);
        // The others may still be what the reader lacks.
        return bytes ? sink({.piece = piece, .bytes = ByteView{*bytes}.first<BYTES_PER_BLOB>()})
                     : Result<void>{};
    });
}

Result<void> NodeService::get_carried_pieces(
    const Bytes32& object_root, std::span<const std::uint64_t> pieces, const CarriedSink& sink)
{
    SlotReader reader;
    return for_each_asked(object_root, pieces, [&](StoredObject& object, std::uint64_t piece) {
        const auto held = object.read_held(piece, reader);
        return held ? sink(*held) : Result<void>{};
    });
}

Result<void> NodeService::for_each_asked(const Bytes32& object_root,
    std::span<const std::uint64_t> pieces,
    const std::function<Result<void>(StoredObject&, std::uint64_t)>& visit) const
{
    ASHLAR_TRY(const auto object, find(object_root));
    if (pieces.size() > PIECES_PER_REQUEST_MAX)
        return fail(ErrorKind::invalid_input, "{} pieces asked for; at most {} at a time",
            pieces.size(), PIECES_PER_REQUEST_MAX);
    for (const auto piece : pieces)
        ASHLAR_CHECK(visit(*object, piece));
    return {};
}

Result<CellAnswer> NodeService::get_cell(
    const Bytes32& object_root, std::uint64_t stored, std::uint64_t cell_index)
{
    ASHLAR_TRY(const auto object, find(object_root));
    if (stored >= object->header().shape().stored_count())
        return fail(ErrorKind::invalid_input, "the object has no stored blob {}", stored);
    if (cell_index >= CELLS_PER_EXT_BLOB)
        return fail(ErrorKind::invalid_input, "a blob has no cell {}", cell_index);
    return cells_.cell({.object_root = object_root, .stored = stored}, cell_index,
        [&] { return object->read_piece(stored); });
}

Result<Bytes> NodeService::fold_record(const Bytes32& object_root)
{
    ASHLAR_TRY(const auto object, find(object_root));
    ASHLAR_TRY(const auto record, object->fold_record());
    return record.encode();
}

Result<Bytes> NodeService::get_walk(const Bytes32& object_root, std::uint64_t position)
{
    ASHLAR_TRY(const auto object, find(object_root));
    if (position >= object->header().shape().position_count())
        return fail(ErrorKind::invalid_input, "the object has no position {}", position);
    return object->walk(position);
}

void NodeService::sweep()
{
    const auto now = parts_.clock.unix_seconds();
    for (const auto& object : parts_.store.objects())
    {
        const auto& root = object->header().root();
        const MutexLock lock{lease_mutex_};
        // Read under the lock: a renewal that came first counts.
        const auto record = object->record();
        const auto end = record.signed_expiry != 0 ? record.signed_expiry + GRACE_SECONDS
                                                   : record.reserved_at + UPLOAD_SECONDS_MAX;
        if (now <= end)
            continue;
        if (const auto dropped = parts_.store.drop(root); !dropped)
        {
            spdlog::error("cannot drop {}: {}", to_hex(root), dropped.error().message);
            continue;
        }
        reserved_bytes_.erase(root);
        spdlog::info("dropped {}: {}", to_hex(root),
            record.signed_expiry != 0 ? "its lease is over" : "its upload was not completed");
    }
}

}  // namespace ashlar
