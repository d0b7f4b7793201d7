#include "checkpoint/directory_diff.hpp"

#include <gmock/gmock.h>

#include "base/hash.hpp"
#include "base/shape.hpp"
#include "tests/checkpoint/fixtures.hpp"

namespace ashlar
{
namespace
{

using testing::ElementsAre;
using testing::IsEmpty;

using test::BLOB;

struct MadeFile
{
    std::string path;
    std::uint64_t size;
    std::string contents;  ///< What its digest stands for.
};

struct MadeTensor
{
    std::string name;
    std::uint32_t file;
    std::uint64_t offset;  ///< In its file.
    std::uint64_t bytes;
    Dtype dtype = Dtype{2};
};

Directory directory_of(const std::vector<MadeFile>& files, const std::vector<MadeTensor>& tensors)
{
    std::vector<FileEntry> entries;
    for (const auto& f : files)
        entries.push_back({.path = f.path,
            .offset = 0,
            .size = f.size,
            .sha256 = sha256(as_byte_view(f.contents)),
            .git_sha1 = {}});
    EXPECT_TRUE(lay_out(entries));
    std::vector<Tensor> list;
    for (const auto& t : tensors)
        list.push_back({.name = t.name,
            .file_index = t.file,
            .dtype = t.dtype,
            .shape = {t.bytes},
            .offset = entries.at(t.file).offset + t.offset,
            .size = t.bytes});
    return Directory::from_parts(std::move(entries), std::move(list)).value();
}

/// Blobs of the same number are equal, but for those that are named.
SameBlob all_but(std::vector<std::uint64_t> different)
{
    return [different](std::uint64_t a, std::uint64_t b) {
        return a == b && std::ranges::find(different, a) == different.end();
    };
}

FileChange file_change(ChangeKind kind, std::string path, std::string old_path = {})
{
    return {.kind = kind, .path = std::move(path), .old_path = std::move(old_path)};
}

MATCHER_P(IsChange, expected, "")
{
    return arg.kind == expected.kind && arg.path == expected.path &&
           arg.old_path == expected.old_path;
}

TEST(directory_diff, equal_directories_differ_in_nothing)
{
    const auto one = directory_of({{"a", 10, "x"}, {"b", 20, "y"}}, {{"t", 0, 0, 10}});
    const auto diff = diff_directories(one, one, all_but({}));
    EXPECT_THAT(diff.files, IsEmpty());
    EXPECT_THAT(diff.tensors, IsEmpty());
    EXPECT_EQ(diff.unchanged_files, 2);
    EXPECT_EQ(diff.unchanged_tensors, 1);
}

TEST(directory_diff, files_are_added_removed_changed_and_moved)
{
    const auto before = directory_of(
        {{"changed", 5, "1"}, {"gone", 5, "2"}, {"kept", 5, "3"}, {"old-name", 5, "4"}}, {});
    const auto after = directory_of(
        {{"changed", 6, "5"}, {"kept", 5, "3"}, {"new", 5, "6"}, {"new-name", 5, "4"}}, {});
    const auto diff = diff_directories(before, after, all_but({}));
    EXPECT_THAT(diff.files, ElementsAre(IsChange(file_change(ChangeKind::changed, "changed")),
                                IsChange(file_change(ChangeKind::removed, "gone")),
                                IsChange(file_change(ChangeKind::added, "new")),
                                IsChange(file_change(ChangeKind::moved, "new-name", "old-name"))));
    EXPECT_EQ(diff.files[0].old_size, 5);
    EXPECT_EQ(diff.files[0].size, 6);
    EXPECT_EQ(diff.unchanged_files, 1);
}

TEST(directory_diff, tensors_of_unchanged_files_are_unchanged_wherever_they_lie)
{
    const auto before = directory_of({{"b", 9, "x"}}, {{"t", 0, 1, 8}});
    const auto after = directory_of({{"a", 3 * BLOB, "y"}, {"b", 9, "x"}}, {{"t", 1, 1, 8}});
    const auto diff = diff_directories(before, after, all_but({0, 1, 2, 3}));
    EXPECT_THAT(diff.tensors, IsEmpty());
    EXPECT_EQ(diff.unchanged_tensors, 1);
}

/// The one change of the tensor "t" when it lies so before and after, in one changed file.
std::vector<TensorChange> change_of(
    const MadeTensor& before, const MadeTensor& after, const SameBlob& same_blob)
{
    const auto a = directory_of({{"m", 8 * BLOB, "x"}}, {before});
    const auto b = directory_of({{"m", 8 * BLOB, "y"}}, {after});
    return diff_directories(a, b, same_blob).tensors;
}

TEST(directory_diff, blobs_tell_which_tensors_of_a_changed_file_changed)
{
    const MadeTensor tensor{"t", 0, BLOB / 2, 3 * BLOB};  // the ends of blobs 0 and 3, all of 1, 2
    EXPECT_THAT(change_of(tensor, tensor, all_but({4, 5})), IsEmpty());

    const auto inside = change_of(tensor, tensor, all_but({2}));
    ASSERT_EQ(inside.size(), 1);
    EXPECT_EQ(inside[0].kind, ChangeKind::changed);
    EXPECT_EQ(inside[0].content, ContentChange::changed);

    for (const std::uint64_t edge : {0u, 3u})
    {
        const auto shared = change_of(tensor, tensor, all_but({edge}));
        ASSERT_EQ(shared.size(), 1);
        EXPECT_EQ(shared[0].content, ContentChange::unknown);
    }
}

TEST(directory_diff, tensors_that_moved_by_whole_blobs_are_compared_others_are_unknown)
{
    const SameBlob shifted = [](std::uint64_t a, std::uint64_t b) { return b == a + 2; };
    EXPECT_THAT(change_of({"t", 0, 5, BLOB}, {"t", 0, 2 * BLOB + 5, BLOB}, shifted), IsEmpty());
    const auto other = change_of({"t", 0, 5, BLOB}, {"t", 0, 2 * BLOB + 6, BLOB}, shifted);
    ASSERT_EQ(other.size(), 1);
    EXPECT_EQ(other[0].content, ContentChange::unknown);
}

TEST(directory_diff, tensors_with_another_dtype_or_shape_are_changed)
{
    const auto dtype = change_of({"t", 0, 0, 8}, {"t", 0, 0, 8, Dtype{3}}, all_but({}));
    ASSERT_EQ(dtype.size(), 1);
    EXPECT_TRUE(dtype[0].dtype_changed);
    EXPECT_EQ(dtype[0].content, ContentChange::same);

    const auto shape = change_of({"t", 0, 0, 8}, {"t", 0, 0, 9}, all_but({}));
    ASSERT_EQ(shape.size(), 1);
    EXPECT_TRUE(shape[0].shape_changed);
    EXPECT_EQ(shape[0].content, ContentChange::changed);
}

TEST(directory_diff, tensors_are_added_removed_and_moved_between_files)
{
    const auto before = directory_of({{"1", 30, "a"}, {"2", 30, "b"}},
        {{"gone", 0, 0, 4}, {"moved", 0, 4, 4}, {"twice", 0, 8, 4}, {"twice", 1, 8, 4}});
    const auto after = directory_of({{"1", 30, "c"}, {"2", 30, "b"}},
        {{"moved", 1, 4, 4}, {"new", 0, 0, 4}, {"twice", 1, 8, 4}});
    const auto diff = diff_directories(before, after, all_but({}));
    ASSERT_EQ(diff.tensors.size(), 4);
    EXPECT_EQ(diff.tensors[0].kind, ChangeKind::removed);
    EXPECT_EQ(diff.tensors[0].name, "gone");
    EXPECT_EQ(diff.tensors[1].kind, ChangeKind::moved);
    EXPECT_EQ(diff.tensors[1].file, "2");
    EXPECT_EQ(diff.tensors[1].old_file, "1");
    EXPECT_EQ(diff.tensors[2].kind, ChangeKind::added);
    EXPECT_EQ(diff.tensors[2].name, "new");
    EXPECT_EQ(diff.tensors[3].kind, ChangeKind::removed);
    EXPECT_EQ(diff.tensors[3].file, "1");
    EXPECT_EQ(diff.unchanged_tensors, 1);
}

TEST(directory_diff, empty_tensors_never_change)
{
    EXPECT_THAT(change_of({"t", 0, 0, 0}, {"t", 0, 77, 0}, all_but({0, 1})), IsEmpty());
}

}  // namespace
}  // namespace ashlar
