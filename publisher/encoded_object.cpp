#include "publisher/encoded_object.hpp"

#include <atomic>

#include "base/hash.hpp"
#include "base/parallel.hpp"
#include "commitments/fold.hpp"
#include "publisher/payload_blobs.hpp"
#include "publisher/scratch_pieces.hpp"

namespace ashlar
{
namespace
{

/// What the steps of an encoding share.
struct Encoding
{
    const Payload& payload;
    PayloadBlobs blobs;
    ObjectShape shape;
    ScratchPieces& scratch;
    ProgressListener& progress;
};

Result<std::vector<Commitment>> commit_data(const Encoding& encoding)
{
    const auto count = encoding.shape.data_blobs();
    std::vector<Commitment> commitments(static_cast<std::size_t>(count));
    std::atomic<std::uint64_t> done{0};
    ASHLAR_CHECK(try_parallel_for(commitments.size(), [&](std::size_t i) -> Result<void> {
        Bytes blob(BYTES_PER_BLOB);
        ASHLAR_CHECK(encoding.blobs.read_blob(i, BlobBuffer{blob}));
        ASHLAR_TRY(commitments[i], blob_to_kzg_commitment(BlobView{blob}));
        encoding.progress.advance("commit", ProgressUnit::bytes,
            (done.fetch_add(1) + 1) * PAYLOAD_BYTES_PER_BLOB, count * PAYLOAD_BYTES_PER_BLOB);
        return {};
    }));
    return commitments;
}

Result<void> encode_parity(const Encoding& encoding, const EncodeOptions& options)
{
    const auto total = encoding.shape.data_blobs() * BYTES_PER_BLOB;
    const auto report = [&](std::size_t parts) {
        encoding.progress.advance(
            "encode", ProgressUnit::bytes, total / ELEMENTS_PER_BLOB * parts, total);
        return true;
    };
    return encode_object(encoding.shape, encoding.blobs, encoding.scratch,
        {.memory_bytes = options.memory_bytes,
            .progress = report,
            .columns = {},
            .scratch_folder = options.scratch_folder});
}

/// A stored blob: data from the payload, parity from the scratch file.
Result<void> read_stored(const PayloadBlobs& blobs, const ScratchPieces& scratch,
    std::uint64_t data_blobs, std::uint64_t piece, BlobBuffer out)
{
    return piece < data_blobs ? blobs.read_blob(piece, out) : scratch.read_piece(piece, out);
}

/// Local parities of one group, written to the scratch file; their hashes go to `hashes`.
Result<void> encode_one_group(const Encoding& encoding, GroupId id, std::span<Bytes32> hashes)
{
    const auto& shape = encoding.shape;
    std::vector<Bytes> buffers(
        RUNS_PER_STRIPE + static_cast<std::size_t>(shape.group_parities()), Bytes(BYTES_PER_BLOB));
    GroupMembers members;
    for (std::size_t i = 0; i < RUNS_PER_STRIPE; ++i)
    {
        const auto stored = shape.group_member(id, i);
        if (!stored)
            continue;
        ASHLAR_CHECK(read_stored(
            encoding.blobs, encoding.scratch, shape.data_blobs(), *stored, BlobBuffer{buffers[i]}));
        members[i] = ConstBlobBuffer{buffers[i]};
    }
    std::vector<BlobBuffer> parities;
    for (std::size_t l = RUNS_PER_STRIPE; l < buffers.size(); ++l)
        parities.emplace_back(buffers[l]);
    encode_group(members, parities);

    for (std::uint64_t l = 0; l < shape.group_parities(); ++l)
    {
        const auto index = shape.local_parity_index({.group_id = id, .parity = l});
        hashes[index] = sha256(parities[l]);
        ASHLAR_CHECK(encoding.scratch.write_piece(shape.stored_count() + index, parities[l]));
    }
    return {};
}

Result<std::vector<Bytes32>> encode_groups(const Encoding& encoding)
{
    const auto& shape = encoding.shape;
    std::vector<Bytes32> hashes(static_cast<std::size_t>(shape.local_parity_count()));
    if (hashes.empty())
        return hashes;
    std::atomic<std::uint64_t> done{0};
    ASHLAR_CHECK(try_parallel_for(
        static_cast<std::size_t>(shape.stripe_count()), [&](std::size_t stripe) -> Result<void> {
            for (std::uint64_t g = 0; g < shape.groups_in_stripe(stripe); ++g)
                ASHLAR_CHECK(encode_one_group(encoding, {.stripe = stripe, .group = g}, hashes));
            encoding.progress.advance(
                "group parity", ProgressUnit::items, done.fetch_add(1) + 1, shape.stripe_count());
            return {};
        }));
    return hashes;
}

Result<ObjectShape> shape_for(const Payload& payload, const EncodeOptions& options)
{
    const auto data_blobs = ObjectShape::data_blobs_for(payload.payload_bytes());
    if (data_blobs > DOMAIN_MAX)
        return fail(ErrorKind::invalid_input, "{} bytes are more than one object holds",
            payload.payload_bytes());
    return ObjectShape::make({.data_blobs = data_blobs,
        .parity_blobs =
            options.parity_blobs.value_or(ObjectShape::default_parity_blobs(data_blobs)),
        .group_parities = options.group_parities});
}

}  // namespace

Result<EncodedObject> EncodedObject::make(const Payload& payload, const Committee& committee,
    const EncodeOptions& options, ProgressListener& progress)
{
    ASHLAR_TRY(const auto shape, shape_for(payload, options));
    ASHLAR_TRY(auto scratch, ScratchPieces::make(options.scratch_folder, shape));
    const Encoding encoding{payload, PayloadBlobs{payload}, shape, *scratch, progress};

    ASHLAR_TRY(const auto data_commitments, commit_data(encoding));
    ASHLAR_CHECK(encode_parity(encoding, options));
    ASHLAR_TRY(const auto hashes, encode_groups(encoding));
    progress.advance("fold", ProgressUnit::items, 0, 1);
    const auto codeword = extend_commitments(shape, data_commitments);
    const auto commitments_root = commitment_tree(codeword).root();
    const auto fold = make_fold_record(shape, commitments_root, codeword);
    progress.advance("fold", ProgressUnit::items, 1, 1);

    HeaderFields fields;
    fields.payload_bytes = payload.payload_bytes();
    fields.directory_offset = payload.directory_offset();
    fields.data_blobs = shape.data_blobs();
    fields.parity_blobs = shape.parity_blobs();
    fields.group_parities = shape.group_parities();
    fields.commitments_root = commitments_root;
    fields.fold_root = fold.root();
    fields.directory_root = payload.directory().root();
    if (!hashes.empty())
        fields.group_parity_root = merkle_root(hashes);
    fields.placement_seed = default_placement_seed(commitments_root);
    fields.copies = options.copies ? *options.copies : copies_for(fields, committee);
    ASHLAR_TRY(auto header, ObjectHeader::make(fields));
    return EncodedObject{
        payload, std::move(header), make_metadata(shape, codeword, hashes), std::move(scratch)};
}

EncodedObject::EncodedObject(const Payload& payload, ObjectHeader header, ObjectMetadata metadata,
    std::unique_ptr<ScratchPieces> scratch)
  : payload_{&payload},
    header_{std::move(header)},
    metadata_{std::move(metadata)},
    scratch_{std::move(scratch)}
{}

EncodedObject::EncodedObject(EncodedObject&&) noexcept = default;
EncodedObject::~EncodedObject() = default;

Result<void> EncodedObject::read_piece(std::uint64_t piece, BlobBuffer out) const
{
    ASHLAR_ASSERT(piece < piece_count(header_.shape()));
    return read_stored(
        PayloadBlobs{*payload_}, *scratch_, header_.shape().data_blobs(), piece, out);
}

}  // namespace ashlar
