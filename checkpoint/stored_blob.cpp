#include "checkpoint/stored_blob.hpp"

#include "checkpoint/blob_packing.hpp"

namespace ashlar
{
namespace
{

/// Working memory that a thread keeps: making a decoder takes longer than decoding.
struct Workspace
{
    StoredFormDecoder decoder;
    Bytes payload = Bytes(PAYLOAD_BYTES_PER_BLOB);

    [[nodiscard]] std::span<std::byte, PAYLOAD_BYTES_PER_BLOB> out()
    {
        return std::span{payload}.first<PAYLOAD_BYTES_PER_BLOB>();
    }
};

Workspace& workspace()
{
    thread_local Workspace own;
    return own;
}

}  // namespace

Result<void> decode_stored_blob(ByteView form, std::span<std::byte, BYTES_PER_BLOB> blob)
{
    auto& work = workspace();
    ASHLAR_CHECK(work.decoder.decode(form, {}, work.out()));
    pack_elements(work.payload, blob);
    return {};
}

Result<Bytes> without_parent(ByteView form, std::span<const std::byte, BYTES_PER_BLOB> parent)
{
    ASHLAR_TRY(const auto summary, summarize_stored_form(form));
    if (!summary.is_difference)
        return fail(ErrorKind::invalid_input, "the stored form is no difference");
    Bytes parents(PAYLOAD_BYTES_PER_BLOB);
    ASHLAR_CHECK(unpack_elements(parent, parents));
    auto& work = workspace();
    ASHLAR_CHECK(
        work.decoder.decode(form, ByteView{parents}.first<PAYLOAD_BYTES_PER_BLOB>(), work.out()));
    ASHLAR_TRY(const auto runs, runs_of_form(form));
    StoredFormEncoder encoder;
    return encoder.encode(ByteView{work.payload}.first<PAYLOAD_BYTES_PER_BLOB>(), runs);
}

}  // namespace ashlar
