/// Examples of docs/formats/directory.md.

#include <gtest/gtest.h>

#include "base/ssz.hpp"
#include "tests/formats/example.hpp"
#include "tests/formats/example_object.hpp"

namespace ashlar::test
{
namespace
{

constexpr std::uint64_t STRING_BYTES_MAX = 1024;
constexpr std::uint64_t TENSORS_MAX = 1ULL << 22;

Bytes32 root_of(const FileEntry& file)
{
    const std::array<Bytes32, 5> fields{
        ssz::byte_list_root(as_byte_view(file.path), STRING_BYTES_MAX), ssz::chunk_of(file.offset),
        ssz::chunk_of(file.size), file.sha256, ssz::byte_vector_root(file.git_sha1)};
    return ssz::container_root(fields);
}

Bytes32 root_of(const Tensor& tensor)
{
    const std::array<Bytes32, 6> fields{
        ssz::byte_list_root(as_byte_view(tensor.name), STRING_BYTES_MAX),
        ssz::chunk_of(std::uint64_t{tensor.file_index}),
        ssz::chunk_of(static_cast<std::uint64_t>(tensor.dtype)),
        ssz::uint64_list_root(tensor.shape, 8), ssz::chunk_of(tensor.offset),
        ssz::chunk_of(tensor.size)};
    return ssz::container_root(fields);
}

/// The example's encoding stands in the directory's at `from`.
void expect_part_of_directory(const Example& example, std::size_t from)
{
    const auto directory = example_payload().directory().encode();
    const auto part = example.bytes("encoding");
    ASSERT_LE(from + part.size(), directory.size());
    example.expect("encoding", ByteView{directory}.subspan(from, part.size()));
}

TEST(example, empty_directory)
{
    const auto example = Example::current();
    example.expect("encoding", Directory{}.encode());
    example.expect("directory_root", Directory{}.root());
    EXPECT_EQ(Directory::parse(example.bytes("encoding")).value(), Directory{});
}

TEST(example, object_file_2)
{
    const auto example = Example::current();
    const auto& file = example_payload().directory().files().at(2);
    example.expect("path", as_byte_view(file.path));
    example.expect("offset", file.offset);
    example.expect("size", file.size);
    example.expect("sha256", file.sha256);
    example.expect("git_sha1", file.git_sha1);
    // files begins at 8, and its third offset says where in it the third file begins.
    expect_part_of_directory(example, 8 + 0xb0);
    example.expect("root", root_of(file));
}

TEST(example, object_tensor_1)
{
    const auto example = Example::current();
    const auto& tensor = example_payload().directory().tensors().at(1);
    example.expect("name", as_byte_view(tensor.name));
    example.expect("file_index", std::uint64_t{tensor.file_index});
    example.expect("dtype", static_cast<std::uint64_t>(tensor.dtype));
    example.expect("shape", tensor.shape);
    example.expect("offset", tensor.offset);
    example.expect("size", tensor.size);
    expect_part_of_directory(example, 0x119 + 0x31);
    example.expect("root", root_of(tensor));
}

TEST(example, object_directory)
{
    const auto example = Example::current();
    const auto& directory = example_payload().directory();
    std::vector<Bytes32> file_roots;
    for (const auto& file : directory.files())
        file_roots.push_back(root_of(file));
    std::vector<Bytes32> tensor_roots;
    for (const auto& tensor : directory.tensors())
        tensor_roots.push_back(root_of(tensor));
    example.expect("encoding", directory.encode());
    example.expect_list("file_roots", file_roots);
    example.expect_list("tensor_roots", tensor_roots);
    example.expect("directory_root", directory.root());
    EXPECT_EQ(Directory::parse(example.bytes("encoding")).value(), directory);

    const std::array<Bytes32, 2> lists{
        ssz::list_root(file_roots, FILES_MAX), ssz::list_root(tensor_roots, TENSORS_MAX)};
    EXPECT_EQ(ssz::container_root(lists), directory.root());
}

}  // namespace
}  // namespace ashlar::test
