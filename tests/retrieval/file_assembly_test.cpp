#include "retrieval/file_assembly.hpp"

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.hpp"

namespace ashlar::test
{
namespace
{

FileEntry entry_of(std::string path, std::uint64_t offset, std::uint64_t size)
{
    return {.path = std::move(path), .offset = offset, .size = size, .sha256 = {}, .git_sha1 = {}};
}

// What has no room is known before anything is fetched, and what was taken for it is given back,
// but for files that hold something.
TEST(file_assembly, open_without_room_gives_back_what_it_took)
{
    constexpr std::uint64_t NO_DISK_HAS = std::uint64_t{1} << 62;
    const std::vector<FileEntry> files{entry_of("begun", 0, 1000),
        entry_of("fresh", PAYLOAD_BYTES_PER_BLOB, 1000),
        entry_of("huge", 2 * PAYLOAD_BYTES_PER_BLOB, NO_DISK_HAS)};
    const TemporaryFolder folder;
    const auto partial = folder.path() / ".ashlar-partial";
    auto destination = Destination::open(folder.path(), {.resume_as = "object"}).value();
    auto notes_file = destination.open_notes(FetchNotes::size_bytes(3)).value();
    const auto notes = FetchNotes::open(std::move(notes_file), 3).value();
    const auto count = [&] {
        return std::distance(std::filesystem::directory_iterator{partial}, {});
    };
    const auto before = count();
    const std::uint64_t begun[] = {0};
    ASSERT_TRUE(FileAssembly::open(destination, std::span{files}.first(1), *notes));
    ASSERT_TRUE(notes->set(begun, BlobState::arrived));
    ASSERT_EQ(count(), before + 1);

    EXPECT_FALSE(FileAssembly::open(destination, files, *notes));

    EXPECT_EQ(count(), before + 1);
    ASSERT_TRUE(FileAssembly::open(destination, std::span{files}.first(2), *notes));
    EXPECT_EQ(count(), before + 2);
}

}  // namespace
}  // namespace ashlar::test
