#include "publisher/stored_forms.hpp"

#include <algorithm>

namespace ashlar
{
namespace
{

std::uint64_t data_blobs_of(const Payload& payload)
{
    return ObjectShape::data_blobs_for(payload.payload_bytes());
}

Result<Bytes> read_payload_blob(const Payload& payload, std::uint64_t data_blob)
{
    Bytes bytes(PAYLOAD_BYTES_PER_BLOB);
    ASHLAR_CHECK(payload.read(data_blob * PAYLOAD_BYTES_PER_BLOB, bytes));
    return bytes;
}

PayloadBlob blob_of(const Bytes& bytes)
{
    return ByteView{bytes}.first<PAYLOAD_BYTES_PER_BLOB>();
}

}  // namespace

StoredForms::StoredForms(const Source& source, File kept)
  : source_{source},
    layout_{source.payload.directory()},
    kept_{std::move(kept)},
    kept_bytes_(kept_.is_open() ? data_blobs_of(source.payload) : 0)
{}

Result<std::unique_ptr<StoredForms>> StoredForms::make(const Source& source)
{
    File kept;
    if (source.copies > 1)
    {
        ASHLAR_TRY(kept, File::temporary(source.scratch_folder));
    }
    return std::unique_ptr<StoredForms>{new StoredForms{source, std::move(kept)}};
}

bool StoredForms::parent_has(std::uint64_t data_blob) const noexcept
{
    return source_.parent != nullptr && data_blob < data_blobs_of(*source_.parent);
}

Result<Bytes> StoredForms::encode(
    StoredFormEncoder& encoder, std::uint64_t data_blob, bool against_parent) const
{
    ASHLAR_TRY(const auto payload, read_payload_blob(source_.payload, data_blob));
    const auto runs = layout_.runs_of(data_blob);
    if (!against_parent)
        return encoder.encode(blob_of(payload), runs);
    ASHLAR_TRY(const auto parents, read_payload_blob(*source_.parent, data_blob));
    return encoder.encode(blob_of(payload), runs, blob_of(parents));
}

Result<Bytes> StoredForms::form(std::uint64_t data_blob, bool has_parent)
{
    auto& maker = makers_[data_blob % MAKERS];
    const MutexLock lock{maker.mutex};
    const bool against_parent = has_parent && parent_has(data_blob);
    if (!kept_.is_open())
        return encode(maker.encoder, data_blob, against_parent);
    const std::size_t which = against_parent ? 1 : 0;
    auto& kept_bytes = kept_bytes_[data_blob].at(which);
    const auto offset = (2 * data_blob + which) * STORED_FORM_BYTES_MAX;
    if (kept_bytes != 0)
    {
        Bytes form(kept_bytes);
        ASHLAR_CHECK(kept_.read_at(offset, form));
        return form;
    }
    ASHLAR_TRY(auto form, encode(maker.encoder, data_blob, against_parent));
    ASHLAR_CHECK(kept_.write_at(offset, form));
    kept_bytes = static_cast<std::uint32_t>(form.size());
    return form;
}

Result<FormSample> sample_forms(const Payload& payload, std::uint64_t blobs_max)
{
    const auto count = data_blobs_of(payload);
    const StoredLayout layout{payload.directory()};
    StoredFormEncoder encoder;
    FormSample sample{.blobs = std::min(count, blobs_max)};
    for (std::uint64_t i = 0; i < sample.blobs; ++i)
    {
        // The middle of the i-th of so many equal parts.
        const auto data_blob = (2 * i + 1) * count / (2 * sample.blobs);
        ASHLAR_TRY(const auto bytes, read_payload_blob(payload, data_blob));
        sample.raw_bytes += BYTES_PER_BLOB;
        sample.form_bytes += encoder.encode(blob_of(bytes), layout.runs_of(data_blob)).size();
    }
    return sample;
}

}  // namespace ashlar
