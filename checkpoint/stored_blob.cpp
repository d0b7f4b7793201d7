#include "checkpoint/stored_blob.hpp"

#include "checkpoint/blob_packing.hpp"

namespace ashlar
{
namespace
{

/// A thread keeps its own: making one takes longer than decoding.
StoredFormDecoder& decoder()
{
    thread_local StoredFormDecoder own;
    return own;
}

/// On the stack: a fresh buffer would cost as much as what is done with it.
using PayloadBuffer = std::array<std::byte, PAYLOAD_BYTES_PER_BLOB>;

}  // namespace

Result<void> decode_stored_payload(
    ByteView form, std::span<std::byte, PAYLOAD_BYTES_PER_BLOB> payload)
{
    return decoder().decode(form, {}, payload);
}

Result<void> decode_stored_blob(ByteView form, std::span<std::byte, BYTES_PER_BLOB> blob)
{
    PayloadBuffer payload;
    ASHLAR_CHECK(decode_stored_payload(form, payload));
    pack_elements(payload, blob);
    return {};
}

Result<Bytes> without_parent(ByteView form, std::span<const std::byte, BYTES_PER_BLOB> parent)
{
    ASHLAR_TRY(const auto summary, summarize_stored_form(form));
    if (!summary.is_difference)
        return fail(ErrorKind::invalid_input, "the stored form is no difference");
    PayloadBuffer parents;
    ASHLAR_CHECK(unpack_elements(parent, parents));
    PayloadBuffer payload;
    ASHLAR_CHECK(decoder().decode(form, PayloadBlob{parents}, payload));
    ASHLAR_TRY(const auto runs, runs_of_form(form));
    StoredFormEncoder encoder;
    return encoder.encode(PayloadBlob{payload}, runs);
}

}  // namespace ashlar
