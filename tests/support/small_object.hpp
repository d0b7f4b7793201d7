#pragma once

/// Small real objects, committees and reservations for tests: what a publisher makes, built the
/// slow and obvious way.

#include <algorithm>

#include <sodium.h>

#include "base/hash.hpp"
#include "commitments/fold.hpp"
#include "erasure/group_code.hpp"
#include "tests/support/memory_blobs.hpp"
#include "transport/node_api.hpp"

namespace ashlar::test
{

/// An object whole: its header, what is public about it, and every piece of it.
struct SmallObject
{
    HeaderFields fields;
    ObjectMetadata metadata;
    std::vector<Bytes> pieces;  ///< S stored blobs, then G local parities.

    [[nodiscard]] ObjectHeader header() const { return ObjectHeader::make(fields).value(); }
    [[nodiscard]] ObjectShape shape() const { return header().shape(); }
    [[nodiscard]] Bytes32 root() const { return header().root(); }

    /// A view of a piece; lives as long as the object.
    [[nodiscard]] PieceView piece(std::uint64_t index) const
    {
        return {.piece = index, .bytes = ByteView{pieces[index]}.first<BYTES_PER_BLOB>()};
    }

    /// The same, as it travels raw.
    [[nodiscard]] CarriedPiece carried(std::uint64_t index) const
    {
        return carried_raw(piece(index));
    }

    /// All 2D commitments: the metadata with infinity at the virtual positions.
    [[nodiscard]] std::vector<Commitment> codeword() const
    {
        auto codeword = parse_commitments(metadata.commitments).value();
        const auto at = codeword.begin() + static_cast<std::ptrdiff_t>(fields.data_blobs);
        codeword.insert(at, shape().domain() - fields.data_blobs, Commitment{});
        return codeword;
    }

    /// Binds the header to a codeword, a true one or not. Virtual positions do not go into the
    /// metadata.
    void bind(std::span<const Commitment> codeword)
    {
        const auto shape = ObjectShape::make({.data_blobs = fields.data_blobs,
                                                 .parity_blobs = fields.parity_blobs,
                                                 .group_parities = fields.group_parities})
                               .value();
        metadata.commitments.clear();
        for (std::uint64_t n = 0; n < codeword.size(); ++n)
        {
            if (!shape.is_virtual(n))
                append(metadata.commitments, codeword[n].bytes());
        }
        fields.commitments_root = commitment_tree(codeword).root();
        fields.placement_seed = default_placement_seed(fields.commitments_root);
        fields.fold_root = make_fold_record(shape, fields.commitments_root, codeword).root();
    }
};

/// The stored blobs of data blobs, each element column extended by itself.
inline std::vector<Bytes> stored_blobs(const ObjectShape& shape, std::span<const Bytes> data)
{
    const auto domain = static_cast<std::size_t>(shape.domain());
    std::vector<Fr> values(domain * ELEMENTS_PER_BLOB);
    for (std::size_t i = 0; i < data.size(); ++i)
    {
        const auto elements =
            BlobElements::parse(ByteView{data[i]}.first<BYTES_PER_BLOB>()).value();
        std::ranges::copy(
            elements.values(), values.begin() + static_cast<std::ptrdiff_t>(i * ELEMENTS_PER_BLOB));
    }
    const Rows rows{values, ELEMENTS_PER_BLOB};
    extend_to_coset(rows, FftDomain{domain});

    std::vector<Bytes> stored{data.begin(), data.end()};
    for (std::size_t p = 0; p < shape.parity_blobs(); ++p)
    {
        Bytes blob;
        for (const auto& element : rows.row(p))
            append(blob, element.to_bytes());
        stored.push_back(std::move(blob));
    }
    return stored;
}

/// The local parities of stored blobs, in their order.
inline std::vector<Bytes> local_parities(const ObjectShape& shape, std::span<const Bytes> stored)
{
    std::vector<Bytes> parities(shape.local_parity_count(), Bytes(BYTES_PER_BLOB));
    for (std::uint64_t stripe = 0; stripe < shape.stripe_count(); ++stripe)
    {
        for (std::uint64_t group = 0; group < shape.groups_in_stripe(stripe); ++group)
        {
            GroupMembers members;
            for (std::uint64_t m = 0; m < RUNS_PER_STRIPE; ++m)
            {
                if (const auto t = shape.group_member({stripe, group}, m))
                    members[m] = ByteView{stored[*t]}.first<BYTES_PER_BLOB>();
            }
            std::vector<BlobBuffer> outputs;
            for (std::uint64_t l = 0; l < shape.group_parities(); ++l)
            {
                auto& parity = parities[shape.local_parity_index({{stripe, group}, l})];
                outputs.push_back(std::span{parity}.first<BYTES_PER_BLOB>());
            }
            encode_group(members, outputs);
        }
    }
    return parities;
}

struct SmallObjectOptions
{
    std::uint64_t data_blobs = 3;      ///< K
    std::uint64_t group_parities = 2;  ///< L
    std::uint64_t copies = 1;          ///< C
    std::uint64_t seed = 1;            ///< Of the payload.
};

inline SmallObject make_small_object(const SmallObjectOptions& options = {})
{
    SeededRandom random{options.seed};
    std::vector<Bytes> data(options.data_blobs, Bytes(BYTES_PER_BLOB));
    for (auto& blob : data)
        fill_payload_blob(blob, random);

    SmallObject object;
    object.fields = {.payload_bytes = options.data_blobs * PAYLOAD_BYTES_PER_BLOB,
        .directory_offset = (options.data_blobs - 1) * PAYLOAD_BYTES_PER_BLOB,
        .data_blobs = options.data_blobs,
        .parity_blobs = ObjectShape::default_parity_blobs(options.data_blobs),
        .group_parities = options.group_parities,
        .copies = options.copies};
    const auto shape = ObjectShape::make({.data_blobs = object.fields.data_blobs,
                                             .parity_blobs = object.fields.parity_blobs,
                                             .group_parities = options.group_parities})
                           .value();
    object.pieces = stored_blobs(shape, data);
    std::vector<Bytes32> parity_hashes;
    for (auto& parity : local_parities(shape, object.pieces))
    {
        parity_hashes.push_back(sha256(parity));
        append(object.metadata.group_parity_hashes, parity_hashes.back());
        object.pieces.push_back(std::move(parity));
    }
    if (options.group_parities > 0)
        object.fields.group_parity_root = merkle_root(parity_hashes);

    std::vector<Commitment> commitments;
    for (const auto& blob : data)
        commitments.push_back(
            blob_to_kzg_commitment(ByteView{blob}.first<BYTES_PER_BLOB>()).value());
    object.bind(extend_commitments(shape, commitments));
    return object;
}

/// The secret key of member i of a test committee: the number i + 1.
inline BlsSecretKey test_member_key(std::size_t member)
{
    Bytes32 scalar{};
    std::ranges::copy(big_endian(std::uint64_t{member + 1}), scalar.begin() + 24);
    return BlsSecretKey::parse(scalar).value();
}

/// Members of equal weight, each its own operator, with the records given.
inline Committee make_test_committee(
    std::size_t size, std::vector<std::optional<SignedNodeRecord>> records = {})
{
    std::vector<Member> members;
    for (std::size_t i = 0; i < size; ++i)
    {
        const auto key = test_member_key(i);
        members.push_back({.key = key.public_key(),
            .possession_proof = key.prove_possession().bytes(),
            .operator_id = sha256(big_endian(std::uint64_t{i})),
            .weight = 10});
    }
    return Committee::make(
        {.binding = {}, .members = std::move(members), .shards = {}, .records = std::move(records)})
        .value();
}

/// A reservation signed by the publisher whose Ed25519 seed is `publisher` repeated.
inline ReserveRequest make_reservation(const SmallObject& object, const Bytes32& committee_root,
    std::uint64_t expiry_unix_seconds, std::uint8_t publisher = 1)
{
    Bytes32 seed;
    seed.fill(std::byte{publisher});
    const auto raw = [](auto& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); };
    ReserveRequest request{.header = object.header().bytes(),
        .expiry_unix_seconds = expiry_unix_seconds,
        .publisher_key = {},
        .publisher_signature = {}};
    Bytes64 secret;
    crypto_sign_seed_keypair(raw(request.publisher_key), raw(secret), raw(seed));
    auto digest = reservation_digest(committee_root, object.root(), expiry_unix_seconds);
    crypto_sign_detached(
        raw(request.publisher_signature), nullptr, raw(digest), digest.size(), raw(secret));
    return request;
}

}  // namespace ashlar::test
