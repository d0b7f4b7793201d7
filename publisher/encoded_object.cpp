#include "publisher/encoded_object.hpp"

#include <atomic>

#include "algebra/lane_array.hpp"
#include "base/hash.hpp"
#include "base/parallel.hpp"
#include "commitments/fold.hpp"
#include "publisher/payload_blobs.hpp"
#include "publisher/scratch_pieces.hpp"
#include "publisher/stored_forms.hpp"

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
    PublishJournal* journal;  ///< May be null.
    ProgressListener& progress;
};

/// Fills in what the journal has; the indices of the others.
Result<std::vector<std::uint64_t>> take_journaled(
    const PublishJournal* journal, std::span<Commitment> commitments)
{
    std::vector<std::uint8_t> have(commitments.size());
    if (journal != nullptr)
    {
        const auto& found = journal->found().commitments;
        Bytes bytes;
        bytes.reserve(found.size() * BYTES_PER_G1);
        for (const auto& [blob, commitment] : found)
            append(bytes, commitment);
        ASHLAR_TRY(const auto points, parse_commitments(bytes));
        for (std::size_t i = 0; i < points.size(); ++i)
        {
            const auto blob = found[i].first;
            if (blob >= commitments.size())
                return fail(ErrorKind::corrupted, "the journal commits to blob {} of {}", blob,
                    commitments.size());
            commitments[blob] = points[i];
            have[blob] = 1;
        }
    }
    std::vector<std::uint64_t> missing;
    for (std::size_t i = 0; i < have.size(); ++i)
    {
        if (have[i] == 0)
            missing.push_back(i);
    }
    return missing;
}

Result<std::vector<Commitment>> commit_data(const Encoding& encoding)
{
    const auto count = encoding.shape.data_blobs();
    std::vector<Commitment> commitments(static_cast<std::size_t>(count));
    ASHLAR_TRY(const auto missing, take_journaled(encoding.journal, commitments));
    std::atomic<std::uint64_t> done{count - missing.size()};
    ASHLAR_CHECK(try_parallel_for(missing.size(), [&](std::size_t i) -> Result<void> {
        const auto blob_index = missing[i];
        Bytes blob(BYTES_PER_BLOB);
        ASHLAR_CHECK(encoding.blobs.read_blob(blob_index, BlobBuffer{blob}));
        ASHLAR_TRY(commitments[blob_index], blob_to_kzg_commitment(BlobView{blob}));
        if (encoding.journal != nullptr)
            ASHLAR_CHECK(encoding.journal->add(JournalKind::commitment,
                {big_endian(blob_index), commitments[blob_index].bytes()}));
        encoding.progress.advance("commit", ProgressUnit::bytes,
            (done.fetch_add(1) + 1) * PAYLOAD_BYTES_PER_BLOB, count * PAYLOAD_BYTES_PER_BLOB);
        return {};
    }));
    return commitments;
}

/// @param lanes  To work in, again and again.
Result<void> encode_columns(const Encoding& encoding, const EncodeOptions& options,
    const ColumnRange& columns, LaneMemory& lanes)
{
    const auto total = encoding.shape.data_blobs() * BYTES_PER_BLOB;
    const auto report = [&](std::size_t parts) {
        const auto done = columns.begin + parts * columns.count() / ELEMENTS_PER_BLOB;
        encoding.progress.advance(
            "encode", ProgressUnit::bytes, total / ELEMENTS_PER_BLOB * done, total);
        return true;
    };
    return encode_object(encoding.shape, encoding.blobs, encoding.scratch,
        {.memory_bytes = options.memory_bytes,
            .progress = report,
            .columns = columns,
            .scratch_folder = options.scratch_folder,
            .lanes = &lanes});
}

/// With a journal, by steps: what a step wrote is on the disk before the journal says so.
Result<void> encode_parity(const Encoding& encoding, const EncodeOptions& options)
{
    LaneMemory lanes;
    if (encoding.journal == nullptr)
        return encode_columns(encoding, options, {}, lanes);
    constexpr std::size_t COLUMNS = ELEMENTS_PER_BLOB / PARITY_STEPS;
    for (std::uint64_t step = 0; step < PARITY_STEPS; ++step)
    {
        if (encoding.journal->found().parity_steps.contains(step))
            continue;
        ASHLAR_CHECK(encode_columns(
            encoding, options, {.begin = step * COLUMNS, .end = (step + 1) * COLUMNS}, lanes));
        ASHLAR_CHECK(encoding.scratch.sync());
        ASHLAR_CHECK(encoding.journal->add(JournalKind::parity, big_endian(step)));
    }
    return {};
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

/// A range of stripes: their local parities, whose hashes lie together.
struct StripeRange
{
    std::uint64_t begin;
    std::uint64_t end;
};

/// Where the hashes of a range's local parities lie among all.
std::span<Bytes32> hashes_of(
    const ObjectShape& shape, const StripeRange& range, std::span<Bytes32> hashes)
{
    const auto first_of = [&](std::uint64_t stripe) {
        return stripe == shape.stripe_count()
                   ? shape.local_parity_count()
                   : shape.local_parity_index(
                         {.group_id = {.stripe = stripe, .group = 0}, .parity = 0});
    };
    const auto first = first_of(range.begin);
    return hashes.subspan(first, first_of(range.end) - first);
}

/// As the journal has it; false if it does not.
bool take_journaled_groups(
    const Encoding& encoding, const StripeRange& range, std::span<Bytes32> hashes)
{
    if (encoding.journal == nullptr)
        return false;
    const auto& groups = encoding.journal->found().groups;
    const auto found = groups.find(range.begin);
    if (found == groups.end() || found->second.stripes != range.end - range.begin ||
        found->second.hashes.size() != hashes.size())
        return false;
    std::ranges::copy(found->second.hashes, hashes.begin());
    return true;
}

Result<void> journal_groups(
    const Encoding& encoding, const StripeRange& range, std::span<const Bytes32> hashes)
{
    if (encoding.journal == nullptr)
        return {};
    ASHLAR_CHECK(encoding.scratch.sync());
    return encoding.journal->add(JournalKind::groups,
        {big_endian(range.begin), big_endian(range.end - range.begin), std::as_bytes(hashes)});
}

Result<std::vector<Bytes32>> encode_groups(const Encoding& encoding)
{
    constexpr std::uint64_t STRIPES_MAX = 128;  // A journal's record of their hashes is ≤ 1 MiB.
    constexpr std::uint64_t RANGES = 16;
    const auto& shape = encoding.shape;
    std::vector<Bytes32> hashes(static_cast<std::size_t>(shape.local_parity_count()));
    if (hashes.empty())
        return hashes;
    const auto stripes = shape.stripe_count();
    const auto step = std::clamp<std::uint64_t>(stripes / RANGES, 1, STRIPES_MAX);
    std::atomic<std::uint64_t> done{0};
    for (std::uint64_t begin = 0; begin < stripes; begin += step)
    {
        const StripeRange range{.begin = begin, .end = std::min(begin + step, stripes)};
        const auto own = hashes_of(shape, range, hashes);
        if (take_journaled_groups(encoding, range, own))
            continue;
        ASHLAR_CHECK(try_parallel_for(range.end - begin, [&](std::size_t i) -> Result<void> {
            const auto stripe = begin + i;
            for (std::uint64_t g = 0; g < shape.groups_in_stripe(stripe); ++g)
                ASHLAR_CHECK(encode_one_group(encoding, {.stripe = stripe, .group = g}, hashes));
            encoding.progress.advance(
                "group parity", ProgressUnit::items, done.fetch_add(1) + 1, stripes);
            return {};
        }));
        ASHLAR_CHECK(journal_groups(encoding, range, own));
    }
    return hashes;
}

/// The journal's parity file; if it is not there, the journal forgets what was in it.
Result<std::unique_ptr<ScratchPieces>> open_scratch(
    const EncodeOptions& options, const ObjectShape& shape)
{
    if (options.journal == nullptr)
        return ScratchPieces::make(options.scratch_folder, shape);
    const auto& path = options.journal->parity_path();
    if (!ScratchPieces::exists(path, shape))
        ASHLAR_CHECK(options.journal->note_parity_lost());
    return ScratchPieces::open(path, shape);
}

}  // namespace

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

Result<ObjectHeader> header_for(const Payload& payload, const ObjectShape& shape,
    const Committee& committee, const EncodeOptions& options, const EncodedRoots& roots)
{
    HeaderFields fields;
    fields.payload_bytes = payload.payload_bytes();
    fields.directory_offset = payload.directory_offset();
    fields.data_blobs = shape.data_blobs();
    fields.parity_blobs = shape.parity_blobs();
    fields.group_parities = shape.group_parities();
    fields.directory_root = payload.directory().root();
    fields.commitments_root = roots.commitments;
    fields.fold_root = roots.fold;
    fields.group_parity_root = roots.group_parity;
    if (options.parent)
        fields.parent_root = options.parent->root();
    fields.provenance_root = options.provenance_root;
    fields.placement_seed = options.parent ? options.parent->fields().placement_seed
                                           : default_placement_seed(roots.commitments);
    fields.copies = options.copies ? *options.copies : copies_for(fields, committee);
    return ObjectHeader::make(fields);
}

std::optional<EncodedObject> EncodedObject::resume(const Payload& payload, const ObjectShape& shape,
    const PublishJournal& journal, std::unique_ptr<ScratchPieces>& scratch)
{
    if (!journal.found().encoded)
        return std::nullopt;
    auto header = ObjectHeader::parse(journal.found().encoded->header);
    auto metadata = journal.encoded_metadata(shape);
    if (!header || !metadata || !check_metadata_roots(*header, *metadata))
        return std::nullopt;
    return EncodedObject{payload, std::move(*header), std::move(*metadata), std::move(scratch)};
}

Result<EncodedObject> EncodedObject::make(const Payload& payload, const Committee& committee,
    const EncodeOptions& options, ProgressListener& progress)
{
    ASHLAR_TRY(const auto shape, shape_for(payload, options));
    if (options.journal != nullptr)
        ASHLAR_CHECK(options.journal->note_payload(payload.directory()));
    ASHLAR_TRY(auto scratch, open_scratch(options, shape));
    if (options.journal != nullptr)
    {
        if (auto resumed = resume(payload, shape, *options.journal, scratch))
        {
            ASHLAR_CHECK(resumed->prepare_forms(options));
            return std::move(*resumed);
        }
    }
    const Encoding encoding{
        payload, PayloadBlobs{payload}, shape, *scratch, options.journal, progress};

    ASHLAR_TRY(const auto data_commitments, commit_data(encoding));
    ASHLAR_CHECK(encode_parity(encoding, options));
    ASHLAR_TRY(const auto hashes, encode_groups(encoding));
    progress.advance("fold", ProgressUnit::items, 0, 1);
    const auto codeword = extend_commitments(shape, data_commitments);
    const auto commitments_root = commitment_tree(codeword).root();
    const auto fold = make_fold_record(shape, commitments_root, codeword);
    progress.advance("fold", ProgressUnit::items, 1, 1);

    const EncodedRoots roots{.commitments = commitments_root,
        .fold = fold.root(),
        .group_parity = hashes.empty() ? Bytes32{} : merkle_root(hashes)};
    ASHLAR_TRY(auto header, header_for(payload, shape, committee, options, roots));
    auto metadata = make_metadata(shape, codeword, hashes);
    if (options.journal != nullptr)
        ASHLAR_CHECK(options.journal->note_encoded(header, metadata));
    EncodedObject object{payload, std::move(header), std::move(metadata), std::move(scratch)};
    ASHLAR_CHECK(object.prepare_forms(options));
    return object;
}

Result<void> EncodedObject::prepare_forms(const EncodeOptions& options)
{
    ASHLAR_TRY(forms_, StoredForms::make({.payload = *payload_,
                           .parent = options.parent_payload,
                           .copies = header_.fields().copies,
                           .scratch_folder = options.scratch_folder}));
    has_parent_payload_ = options.parent_payload != nullptr;
    return {};
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

Result<CarriedPiece> EncodedObject::carry(std::uint64_t piece, bool has_parent, Bytes& bytes) const
{
    if (piece < header_.shape().data_blobs())
    {
        ASHLAR_TRY(bytes, forms_->form(piece, has_parent));
        return CarriedPiece{.piece = piece, .form = PieceForm::stored, .bytes = bytes};
    }
    bytes.resize(BYTES_PER_BLOB);
    ASHLAR_CHECK(read_piece(piece, BlobBuffer{bytes}));
    return carried_raw({.piece = piece, .bytes = BlobView{bytes}});
}

}  // namespace ashlar
