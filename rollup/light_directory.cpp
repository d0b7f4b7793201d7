#include "rollup/light_directory.hpp"

#include "checkpoint/blob_packing.hpp"

namespace ashlar
{
namespace
{

/// Blobs read and checked together: 8 MiB.
constexpr std::uint64_t DIRECTORY_BATCH_BLOBS = 64;

Result<void> append_payload(LightObject& object, std::uint64_t first, std::uint64_t end, Bytes& out)
{
    std::vector<std::uint64_t> positions;
    for (auto blob = first; blob < end; ++blob)
        positions.push_back(blob);
    ASHLAR_TRY(const auto bound, object.bind(positions));
    ASHLAR_TRY(const auto blobs, object.blobs(bound));
    for (const auto& blob : blobs)
    {
        const auto at = out.size();
        out.resize(at + PAYLOAD_BYTES_PER_BLOB);
        if (const auto unpacked = unpack_elements(blob, std::span{out}.subspan(at)); !unpacked)
            return fail(ErrorKind::proof_invalid, "the publisher's object is INVALID: {}",
                unpacked.error().message);
    }
    return {};
}

}  // namespace

Result<Directory> read_directory(LightObject& object, ProgressListener& progress)
{
    const auto& fields = object.header().fields();
    const auto first = fields.directory_offset / PAYLOAD_BYTES_PER_BLOB;
    const auto count = fields.data_blobs - first;
    Bytes bytes;
    for (std::uint64_t done = 0; done < count;)
    {
        progress.advance("directory", ProgressUnit::items, done, count);
        const auto batch = std::min(DIRECTORY_BATCH_BLOBS, count - done);
        ASHLAR_CHECK(append_payload(object, first + done, first + done + batch, bytes));
        done += batch;
    }
    const auto size = static_cast<std::size_t>(fields.payload_bytes - fields.directory_offset);
    if (!is_zero(ByteView{bytes}.subspan(size)))
        return fail(ErrorKind::proof_invalid,
            "the bytes after the directory are not zero; the publisher's object breaks the layout");
    bytes.resize(size);
    return check_directory(object.header(), bytes);
}

}  // namespace ashlar
