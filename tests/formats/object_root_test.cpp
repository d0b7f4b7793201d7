/// Examples of docs/formats/object-root.md.

#include <gtest/gtest.h>

#include "base/hash.hpp"
#include "tests/formats/example.hpp"
#include "tests/formats/example_object.hpp"

namespace ashlar::test
{
namespace
{

TEST(example, object_header)
{
    const auto example = Example::current();
    const auto& header = example_object().header();
    const auto& fields = header.fields();
    example.expect("payload_bytes", fields.payload_bytes);
    example.expect("directory_offset", fields.directory_offset);
    example.expect("data_blobs", fields.data_blobs);
    example.expect("parity_blobs", fields.parity_blobs);
    example.expect("group_parities", fields.group_parities);
    example.expect("copies", fields.copies);
    example.expect("placement_seed", fields.placement_seed);
    example.expect("header", header.bytes());
    example.expect("object_root", header.root());
    EXPECT_TRUE(ObjectHeader::parse_for(
        example.array<32>("object_root"), example.array<BYTES_PER_HEADER>("header")));
}

TEST(example, object_header_child)
{
    const auto example = Example::current();
    auto fields = example_object().header().fields();
    fields.copies = 3;
    fields.parent_root = example_object().header().root();
    fields.provenance_root = sha256(as_byte_view("statement"));
    example.expect("copies", fields.copies);
    example.expect("parent_root", fields.parent_root);
    example.expect("provenance_root", fields.provenance_root);
    example.expect("object_root", ObjectHeader::make(fields).value().root());
}

}  // namespace
}  // namespace ashlar::test
