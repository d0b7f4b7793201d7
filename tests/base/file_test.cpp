#include "base/file.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ashlar
{
namespace
{

namespace fs = std::filesystem;

class file : public testing::Test
{
protected:
    void SetUp() override
    {
        std::string name = (fs::temp_directory_path() / "ashlar-file-XXXXXX").native();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    void TearDown() override { fs::remove_all(folder_); }

    [[nodiscard]] fs::path at(std::string_view name) const { return folder_ / name; }

    [[nodiscard]] static std::string content(const fs::path& path)
    {
        const auto bytes = read_file(path, 1 << 20).value();
        return std::string{as_text(bytes)};
    }

    [[nodiscard]] std::size_t entries() const
    {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator{folder_}, fs::directory_iterator{}));
    }

    fs::path folder_;
};

TEST_F(file, open_read_of_a_fifo_is_refused_and_does_not_block)
{
    ASSERT_EQ(::mkfifo(at("fifo").c_str(), 0600), 0);

    const auto opened = File::open_read(at("fifo"));

    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, ErrorKind::invalid_input);
}

TEST_F(file, open_read_of_a_folder_a_device_or_nothing_is_refused)
{
    EXPECT_EQ(File::open_read(folder_).error().kind, ErrorKind::invalid_input);
    EXPECT_EQ(File::open_read("/dev/null").error().kind, ErrorKind::invalid_input);
    EXPECT_EQ(File::open_read(at("absent")).error().kind, ErrorKind::not_found);
}

TEST_F(file, read_at_wants_every_byte)
{
    std::ofstream{at("f")} << "0123456789";
    const auto opened = File::open_read(at("f")).value();
    EXPECT_EQ(opened.size_bytes().value(), 10U);

    Bytes bytes(4);
    ASSERT_TRUE(opened.read_at(6, bytes));
    EXPECT_EQ(as_text(bytes), "6789");
    EXPECT_EQ(opened.read_at(7, bytes).error().kind, ErrorKind::corrupted);
    EXPECT_TRUE(opened.read_at(10, {}));
}

TEST_F(file, read_file_takes_the_limit_and_refuses_one_byte_more)
{
    std::ofstream{at("f")} << "0123456789";

    EXPECT_EQ(read_file(at("f"), 10).value().size(), 10U);
    EXPECT_EQ(read_file(at("f"), 9).error().kind, ErrorKind::invalid_input);
}

TEST_F(file, written_bytes_are_read_back)
{
    const auto created = File::open_or_create(at("f")).value();
    ASSERT_TRUE(created.write_at(2, as_byte_view("cd")));
    ASSERT_TRUE(created.write_at(0, as_byte_view("ab")));
    ASSERT_TRUE(created.sync());
    EXPECT_EQ(content(at("f")), "abcd");

    ASSERT_TRUE(created.truncate(3));
    EXPECT_EQ(content(at("f")), "abc");

    const auto again = File::open_or_create(at("f")).value();
    EXPECT_EQ(again.size_bytes().value(), 3U);
}

TEST_F(file, reserve_makes_it_long_and_takes_the_room)
{
    constexpr std::uint64_t SIZE = 1 << 20;
    const auto path = at("reserved");
    {
        const auto reserved = File::create(path, false).value();
        ASSERT_TRUE(reserved.write_at(0, as_byte_view("begun")));
        ASSERT_TRUE(reserved.reserve(SIZE));
        EXPECT_EQ(reserved.size_bytes().value(), SIZE);
        EXPECT_FALSE(reserved.reserve(std::uint64_t{1} << 62));
    }
    const auto bytes = read_file(path, SIZE).value();
    EXPECT_EQ(as_text(ByteView{bytes}.first(5)), "begun");
    EXPECT_TRUE(std::ranges::all_of(
        ByteView{bytes}.subspan(5), [](std::byte b) { return b == std::byte{}; }));
    struct ::stat status = {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_GE(status.st_blocks * 512, static_cast<std::int64_t>(SIZE));
}

TEST_F(file, create_refuses_what_exists_and_links)
{
    EXPECT_TRUE(File::create(at("f"), false));
    EXPECT_EQ(File::create(at("f"), false).error().kind, ErrorKind::invalid_input);
    fs::create_symlink(at("target"), at("link"));
    EXPECT_FALSE(File::create(at("link"), false));
    EXPECT_FALSE(fs::exists(at("target")));
}

TEST_F(file, secrets_are_readable_by_the_owner_alone)
{
    ASSERT_TRUE(write_file_atomically(at("secret"), as_byte_view("s"), true));

    struct stat info
    {
    };
    ASSERT_EQ(::stat(at("secret").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(file, atomic_write_replaces_the_content_and_leaves_nothing_else)
{
    ASSERT_TRUE(write_file_atomically(at("f"), as_byte_view("old")));
    ASSERT_TRUE(write_file_atomically(at("f"), as_byte_view("new")));

    EXPECT_EQ(content(at("f")), "new");
    EXPECT_EQ(entries(), 1U);
}

TEST_F(file, failed_atomic_write_keeps_the_old_content_and_leaves_nothing_else)
{
    // A folder in the way makes the last step, the rename, fail.
    fs::create_directory(at("f"));
    std::ofstream{at("f") / "kept"} << "old";

    EXPECT_FALSE(write_file_atomically(at("f"), as_byte_view("new")));

    EXPECT_EQ(content(at("f") / "kept"), "old");
    EXPECT_EQ(entries(), 1U);
    EXPECT_FALSE(write_file_atomically(at("absent") / "f", as_byte_view("new")));
}

TEST_F(file, atomic_write_is_not_stopped_by_a_temporary_file_left_behind)
{
    auto leftover = at("f");
    leftover += fmt::format(".{}.tmp", ::getpid());
    std::ofstream{leftover} << "half";

    EXPECT_TRUE(write_file_atomically(at("f"), as_byte_view("whole")));

    EXPECT_EQ(content(at("f")), "whole");
    EXPECT_EQ(entries(), 1U);
}

TEST_F(file, moved_file_hands_its_descriptor_over)
{
    auto first = File::create(at("f"), false).value();
    const int descriptor = first.descriptor();

    const File second{std::move(first)};

    EXPECT_EQ(second.descriptor(), descriptor);
    EXPECT_FALSE(first.is_open());  // NOLINT: the moved-from state is the subject.
    EXPECT_EQ(second.path(), at("f"));
}

TEST_F(file, make_folders_makes_parents_and_accepts_existing_ones)
{
    EXPECT_TRUE(make_folders(at("a") / "b" / "c"));
    EXPECT_TRUE(make_folders(at("a") / "b" / "c"));
    EXPECT_TRUE(fs::is_directory(at("a") / "b" / "c"));

    std::ofstream{at("f")} << "x";
    EXPECT_FALSE(make_folders(at("f") / "d"));
}

}  // namespace
}  // namespace ashlar
