#include "publisher/payload_blobs.hpp"

#include "checkpoint/blob_packing.hpp"

namespace ashlar
{

Result<void> PayloadBlobs::read(
    std::uint64_t stored, std::size_t element_begin, std::span<std::byte> out) const
{
    const auto elements = out.size() / BYTES_PER_ELEMENT;
    Bytes bytes(elements * PAYLOAD_BYTES_PER_ELEMENT);
    const auto offset = stored * PAYLOAD_BYTES_PER_BLOB + element_begin * PAYLOAD_BYTES_PER_ELEMENT;
    ASHLAR_CHECK(payload_.read(offset, bytes));
    pack_elements(bytes, out);
    return {};
}

}  // namespace ashlar
