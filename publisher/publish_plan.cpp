#include "publisher/publish_plan.hpp"

#include <bit>
#include <ctime>
#include <functional>
#include <numeric>

#include "base/random.hpp"
#include "commitments/codeword.hpp"
#include "erasure/object_code.hpp"

namespace ashlar
{
namespace
{

constexpr std::uint64_t SAMPLE_BLOBS = 16;     ///< Committed for the estimate.
constexpr std::uint64_t SAMPLE_DOMAIN = 1024;  ///< Encoded and extended for it.
constexpr std::size_t SAMPLE_COLUMNS = 64;

/// Of all cores together, so that it does not matter on how many the work runs.
double core_seconds_of(const std::function<void()>& work)
{
    const auto begin = std::clock();
    work();
    return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

Bytes random_blob(SeededRandom& random)
{
    Bytes blob(BYTES_PER_BLOB);
    random.fill(blob);
    for (std::size_t at = 0; at < blob.size(); at += BYTES_PER_ELEMENT)
        blob[at] = std::byte{0};
    return blob;
}

/// The same random elements for every blob; takes what is written and drops it.
class SampleBlobs final : public SliceReader, public SliceWriter
{
public:
    explicit SampleBlobs(Bytes blob) : blob_{std::move(blob)} {}

    Result<void> read(
        std::uint64_t, std::size_t element_begin, std::span<std::byte> out) const override
    {
        const auto from = ByteView{blob_}.subspan(element_begin * BYTES_PER_ELEMENT, out.size());
        std::ranges::copy(from, out.begin());
        return {};
    }
    Result<void> write(std::uint64_t, std::size_t, ByteView) override { return {}; }

private:
    Bytes blob_;
};

/// Transforms of 2D points cost D·log D.
double transform_ratio(const ObjectShape& shape)
{
    const auto cost = [](std::uint64_t domain) {
        return static_cast<double>(domain) * static_cast<double>(std::bit_width(2 * domain));
    };
    return cost(shape.domain()) / cost(SAMPLE_DOMAIN);
}

}  // namespace

Result<PublishPlan> plan_publish(
    const Payload& payload, const Committee& committee, const EncodeOptions& options)
{
    ASHLAR_TRY(const auto shape, shape_for(payload, options));
    ASHLAR_TRY(auto header, header_for(payload, shape, committee, options, {}));
    PublishPlan plan{.header = std::move(header), .pieces_by_member = {}, .tolerated_percent = {}};
    const Placement placement{plan.header, committee};
    const auto metadata_bytes = MetadataSizes::of(shape).total();
    for (std::size_t m = 0; m < committee.size(); ++m)
    {
        plan.pieces_by_member.push_back(placement.pieces_of(m).size());
        plan.piece_bytes_up += plan.pieces_by_member.back() * BYTES_PER_BLOB;
        plan.metadata_bytes_up += plan.pieces_by_member.back() > 0 ? metadata_bytes : 0;
    }

    constexpr std::uint64_t FORMS_SAMPLED = 64;
    ASHLAR_TRY(plan.forms, sample_forms(payload, FORMS_SAMPLED));
    const auto copies = plan.header.fields().copies;
    plan.data_bytes_up = shape.data_blobs() * copies * BYTES_PER_BLOB;

    const auto commitments = (shape.data_blobs() + shape.position_count()) * sizeof(Commitment);
    const auto in_flight = UploadPace::make(committee.size(), options.memory_bytes).bytes;
    plan.memory_bytes =
        std::max<std::uint64_t>(options.memory_bytes, commitments + 2 * metadata_bytes + in_flight);
    plan.scratch_bytes = (shape.parity_blobs() + shape.local_parity_count()) * BYTES_PER_BLOB;
    if (copies > 1)  // Stored forms are kept until the last copy is sent.
        plan.scratch_bytes += shape.data_blobs() * BYTES_PER_BLOB;
    // Where slices of 2 KiB a blob pass the memory, the object code has a scratch file of its own.
    constexpr std::uint64_t SLICE_BYTES = SAMPLE_COLUMNS * BYTES_PER_ELEMENT;
    if (shape.position_count() * SLICE_BYTES > options.memory_bytes)
        plan.scratch_bytes += shape.position_count() * BYTES_PER_BLOB * 5 / 4;

    std::vector<std::size_t> all(committee.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    plan.tolerated_percent = tolerated_percent(plan.header, committee, all);
    return plan;
}

Result<CoreTime> estimate_core_time(const ObjectShape& shape)
{
    SeededRandom random{1};
    const auto blob = random_blob(random);
    ASHLAR_TRY(const auto first, blob_to_kzg_commitment(BlobView{blob}));  // Makes the tables.
    CoreTime time;
    time.commit = core_seconds_of([&] {
        for (std::uint64_t i = 0; i < SAMPLE_BLOBS; ++i)
            (void)blob_to_kzg_commitment(BlobView{blob});
    });
    time.commit *= static_cast<double>(shape.data_blobs()) / static_cast<double>(SAMPLE_BLOBS);

    ASHLAR_TRY(const auto sample,
        ObjectShape::make(
            {.data_blobs = SAMPLE_DOMAIN, .parity_blobs = SAMPLE_DOMAIN, .group_parities = 0}));
    SampleBlobs blobs{blob};
    Result<void> encoded;
    CodeOptions columns;
    columns.columns = {.begin = 0, .end = SAMPLE_COLUMNS};
    time.encode = core_seconds_of([&] { encoded = encode_object(sample, blobs, blobs, columns); });
    ASHLAR_CHECK(encoded);
    time.encode *= transform_ratio(shape) * ELEMENTS_PER_BLOB / SAMPLE_COLUMNS;

    const std::vector<Commitment> data(SAMPLE_DOMAIN, first);
    time.extend = core_seconds_of([&] { (void)extend_commitments(sample, data); });
    time.extend *= transform_ratio(shape);
    return time;
}

}  // namespace ashlar
