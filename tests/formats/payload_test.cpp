/// Examples of docs/formats/payload-and-blobs.md, and payload-addresses of opening.md.

#include <gtest/gtest.h>

#include "base/hash.hpp"
#include "checkpoint/blob_packing.hpp"
#include "tests/formats/example.hpp"
#include "tests/formats/example_object.hpp"

namespace ashlar::test
{
namespace
{

TEST(example, layout)
{
    const auto example = Example::current();
    std::vector<FileEntry> files;
    for (const auto size : example.integers("sizes"))
        files.push_back({.path = fmt::format("file-{}", files.size()),
            .offset = 0,
            .size = size,
            .sha256 = {},
            .git_sha1 = {}});
    ASSERT_TRUE(lay_out(files));
    std::vector<std::uint64_t> offsets;
    for (const auto& file : files)
        offsets.push_back(file.offset);
    example.expect("offsets", offsets);

    const auto directory_offset = Directory::from_parts(files, {}).value().offset();
    example.expect("directory_offset", directory_offset);
    example.expect("payload_bytes_with_directory_of_8", directory_offset + 8);
    example.expect("data_blobs", ObjectShape::data_blobs_for(directory_offset + 8));
}

TEST(example, packing)
{
    const auto example = Example::current();
    example.expect("payload", pattern(5, 70));
    auto payload = pattern(5, 70);
    payload.resize(PAYLOAD_BYTES_PER_BLOB);
    Bytes blob(BYTES_PER_BLOB);
    pack_elements(payload, blob);
    for (std::size_t e = 0; e < 4; ++e)
        example.expect(fmt::format("element_{}", e),
            ByteView{blob}.subspan(e * BYTES_PER_ELEMENT, BYTES_PER_ELEMENT));
    example.expect("blob_sha256", sha256(blob));
}

TEST(example, object_files)
{
    const auto example = Example::current();
    const auto& files = example_payload().directory().files();
    ASSERT_EQ(files.size(), 3);
    for (std::size_t i = 0; i < files.size(); ++i)
    {
        Bytes contents(files[i].size);
        ASSERT_TRUE(example_payload().read(files[i].offset, contents));
        example.expect_text(fmt::format("path_{}", i), files[i].path);
        example.expect(fmt::format("contents_{}", i), contents);
    }
}

TEST(example, object_payload)
{
    const auto example = Example::current();
    const auto& payload = example_payload();
    std::vector<std::uint64_t> offsets;
    for (const auto& file : payload.directory().files())
        offsets.push_back(file.offset);
    example.expect("offsets", offsets);
    example.expect("directory_offset", payload.directory_offset());
    example.expect("directory_bytes", payload.directory().encoded_bytes());
    example.expect("payload_bytes", payload.payload_bytes());
    example.expect("data_blobs", example_object().header().fields().data_blobs);

    Bytes bytes(payload.payload_bytes());
    ASSERT_TRUE(payload.read(0, bytes));
    example.expect("payload_sha256", sha256(bytes));
    for (std::uint64_t i = 0; i < 3; ++i)
        example.expect(fmt::format("blob_{}_sha256", i), sha256(example_blob(i)));
}

TEST(example, payload_addresses)
{
    const auto example = Example::current();
    std::vector<std::uint64_t> blobs;
    std::vector<std::uint64_t> elements;
    std::vector<std::uint64_t> bytes;
    for (const auto q : example.integers("payload_bytes"))
    {
        const auto within = q % PAYLOAD_BYTES_PER_BLOB;
        blobs.push_back(q / PAYLOAD_BYTES_PER_BLOB);
        elements.push_back(within / PAYLOAD_BYTES_PER_ELEMENT);
        bytes.push_back(1 + within % PAYLOAD_BYTES_PER_ELEMENT);
    }
    example.expect("blobs", blobs);
    example.expect("elements", elements);
    example.expect("bytes_in_element", bytes);
}

}  // namespace
}  // namespace ashlar::test
