#include "checkpoint/destination.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/checkpoint/fixtures.hpp"

namespace ashlar
{
namespace
{

using test::contents_of;
using test::TemporaryFolder;
namespace fs = std::filesystem;

Result<void> write_file(Destination& destination, std::string_view path, std::string_view contents)
{
    ASHLAR_TRY(auto file, destination.begin(path, contents.size()));
    ASHLAR_CHECK(file.write_at(0, as_byte_view(contents)));
    return file.commit();
}

/// Relative paths of everything in a folder.
std::vector<std::string> tree(const fs::path& folder)
{
    std::vector<std::string> out;
    for (const auto& entry : fs::recursive_directory_iterator{folder})
        out.push_back(entry.path().lexically_relative(folder).native());
    std::ranges::sort(out);
    return out;
}

TEST(destination, commit_gives_the_file_its_name_and_leaves_nothing_else)
{
    const TemporaryFolder folder;
    {
        auto destination = Destination::open(folder.path() / "new/out").value();
        auto file = destination.begin("a/b/c.bin", 10).value();
        ASSERT_TRUE(file.write_at(5, as_byte_view("56789")));
        ASSERT_TRUE(file.write_at(0, as_byte_view("01234")));
        EXPECT_FALSE(fs::exists(folder.path() / "new/out/a/b/c.bin"));
        std::vector<std::byte> back(10);
        ASSERT_TRUE(file.read_at(0, back));
        EXPECT_EQ(as_text(back), "0123456789");
        ASSERT_TRUE(file.commit());
        ASSERT_TRUE(write_file(destination, "empty", ""));
    }
    EXPECT_EQ(contents_of(folder.path() / "new/out/a/b/c.bin"), "0123456789");
    EXPECT_EQ(tree(folder.path() / "new/out"),
        (std::vector<std::string>{"a", "a/b", "a/b/c.bin", "empty"}));
}

TEST(destination, abandon_and_destruction_leave_no_file)
{
    const TemporaryFolder folder;
    {
        auto destination = Destination::open(folder.path()).value();
        auto first = destination.begin("a", 4).value();
        first.abandon();
        auto second = destination.begin("b", 4).value();
        auto moved = std::move(second);
        EXPECT_TRUE(moved.write_at(0, as_byte_view("1234")));
        moved = destination.begin("c", 4).value();
    }
    EXPECT_TRUE(tree(folder.path()).empty());
}

TEST(destination, write_at_stays_within_the_size)
{
    const TemporaryFolder folder;
    auto destination = Destination::open(folder.path()).value();
    auto file = destination.begin("a", 4).value();
    EXPECT_TRUE(file.write_at(0, as_byte_view("1234")));
    EXPECT_TRUE(file.write_at(4, {}));
    EXPECT_FALSE(file.write_at(1, as_byte_view("1234")));
    EXPECT_FALSE(file.write_at(5, {}));
    EXPECT_FALSE(file.write_at(~std::uint64_t{0}, as_byte_view("1")));
}

TEST(destination, begin_refuses_an_existing_file_without_overwrite)
{
    const TemporaryFolder folder;
    folder.write("a", "old");
    auto destination = Destination::open(folder.path()).value();
    EXPECT_FALSE(destination.check("a"));
    EXPECT_TRUE(destination.check("b/c"));
    EXPECT_FALSE(fs::exists(folder.path() / "b")) << "check() changes nothing";
    const auto begun = destination.begin("a", 3);
    ASSERT_FALSE(begun);
    EXPECT_EQ(begun.error().kind, ErrorKind::invalid_input);
    EXPECT_EQ(contents_of(folder.path() / "a"), "old");
}

TEST(destination, commit_replaces_a_file_only_with_overwrite)
{
    const TemporaryFolder folder;
    folder.write("a", "old");
    auto destination = Destination::open(folder.path(), {.overwrite = true}).value();
    ASSERT_TRUE(write_file(destination, "a", "new"));
    EXPECT_EQ(contents_of(folder.path() / "a"), "new");

    folder.write("folder/x", "");
    EXPECT_FALSE(destination.check("folder"));
}

TEST(destination, commit_refuses_a_file_that_appeared_meanwhile)
{
    const TemporaryFolder folder;
    auto destination = Destination::open(folder.path()).value();
    auto file = destination.begin("a", 3).value();
    folder.write("a", "theirs");
    EXPECT_FALSE(file.commit());
    EXPECT_EQ(contents_of(folder.path() / "a"), "theirs");
}

TEST(destination, begin_refuses_paths_that_the_rules_refuse)
{
    const TemporaryFolder folder;
    auto destination = Destination::open(folder.path() / "out").value();
    for (const auto* path : {"", "../x", "/tmp/x", "a/../../x", "a\\b", "aux", ".ashlar-partial",
             ".ashlar-partial/x", ".ashlar-partial/0"})
        EXPECT_FALSE(destination.begin(path, 1)) << path;
    EXPECT_EQ(tree(folder.path()), (std::vector<std::string>{"out", "out/.ashlar-partial"}));
}

TEST(destination, begin_refuses_to_walk_through_links)
{
    const TemporaryFolder outside;
    const TemporaryFolder folder;
    folder.link(outside.path(), "out");
    folder.write("real/file", "x");
    folder.link("real", "inside");
    auto destination = Destination::open(folder.path(), {.overwrite = true}).value();
    EXPECT_FALSE(destination.begin("out/x", 1));
    EXPECT_FALSE(destination.begin("out/sub/x", 1));
    EXPECT_FALSE(destination.begin("inside/x", 1)) << "a link to the folder itself is a link too";
    EXPECT_FALSE(destination.begin("real/file/x", 1)) << "a file is no folder";
    EXPECT_TRUE(tree(outside.path()).empty());
}

TEST(destination, begin_refuses_a_link_under_the_final_name)
{
    const TemporaryFolder outside;
    const auto victim = outside.write("victim", "precious");
    const TemporaryFolder folder;
    folder.link(victim, "a");
    auto destination = Destination::open(folder.path(), {.overwrite = true}).value();
    EXPECT_FALSE(destination.begin("a", 1));
    EXPECT_EQ(contents_of(victim), "precious");
}

// The swap between begin() and commit(): a folder on the way becomes a link out.
TEST(destination, commit_refuses_a_folder_swapped_for_a_link)
{
    const TemporaryFolder outside;
    const TemporaryFolder folder;
    auto destination = Destination::open(folder.path(), {.overwrite = true}).value();
    auto file = destination.begin("sub/a", 1).value();
    fs::remove(folder.path() / "sub");
    folder.link(outside.path(), "sub");
    EXPECT_FALSE(file.commit());
    EXPECT_TRUE(tree(outside.path()).empty());
}

TEST(destination, commit_replaces_a_link_planted_under_the_final_name_at_most)
{
    const TemporaryFolder outside;
    const auto victim = outside.write("victim", "precious");
    const TemporaryFolder folder;
    auto destination = Destination::open(folder.path(), {.overwrite = true}).value();
    auto file = destination.begin("a", 1).value();
    folder.link(victim, "a");
    EXPECT_FALSE(file.commit());
    EXPECT_EQ(contents_of(victim), "precious");
}

TEST(destination, open_refuses_a_partial_folder_that_is_a_link)
{
    const TemporaryFolder outside;
    outside.write("kept", "x");
    const TemporaryFolder folder;
    folder.link(outside.path(), ".ashlar-partial");
    EXPECT_FALSE(Destination::open(folder.path()));
    EXPECT_EQ(tree(outside.path()), (std::vector<std::string>{"kept"}));
}

TEST(destination, open_refuses_a_second_owner_and_what_is_no_folder)
{
    const TemporaryFolder folder;
    {
        const auto first = Destination::open(folder.path()).value();
        EXPECT_FALSE(Destination::open(folder.path()));
    }
    EXPECT_TRUE(Destination::open(folder.path()));
    EXPECT_FALSE(Destination::open(folder.write("file", "x")));
}

TEST(destination, open_removes_what_a_killed_process_left)
{
    const TemporaryFolder folder;
    folder.write(".ashlar-partial/0", "half");
    folder.write(".ashlar-partial/7", "half");
    {
        auto destination = Destination::open(folder.path()).value();
        ASSERT_TRUE(write_file(destination, "a", "whole"));
    }
    EXPECT_EQ(tree(folder.path()), (std::vector<std::string>{"a"}));
}

TEST(destination, resumable_work_is_found_again_by_its_name_alone)
{
    const TemporaryFolder folder;
    const auto open = [&](const char* name) {
        return Destination::open(folder.path(), {.resume_as = name}).value();
    };
    const auto first_byte = [](const PartialFile& file) {
        std::byte byte{};
        EXPECT_TRUE(file.read_at(0, std::span{&byte, 1}));
        return byte;
    };
    {
        auto destination = open("work");
        auto partial = destination.begin("a", 1).value();
        ASSERT_TRUE(partial.write_at(0, as_byte_view("x")));
        ASSERT_TRUE(destination.open_notes(3).value().write_at(2, as_byte_view("n")));
    }
    {
        auto destination = open("work");
        EXPECT_EQ(first_byte(destination.begin("a", 1).value()), std::byte{'x'});
        Bytes notes(3);
        ASSERT_TRUE(destination.open_notes(3).value().read_at(0, notes));
        EXPECT_EQ(notes[2], std::byte{'n'});
        // Another size is other contents.
        EXPECT_EQ(first_byte(destination.begin("a", 2).value()), std::byte{0});
    }
    {
        auto destination = open("other work");
        EXPECT_EQ(first_byte(destination.begin("a", 2).value()), std::byte{0});
        ASSERT_TRUE(destination.forget());
    }
    EXPECT_TRUE(tree(folder.path()).empty());
}

// One flag a blob of a whole object, of which few may be wanted: they take room as they are
// written.
TEST(destination, notes_take_no_room_before_they_are_written)
{
    const TemporaryFolder folder;
    auto destination = Destination::open(folder.path(), {.resume_as = "object"}).value();
    const auto notes = destination.open_notes(std::uint64_t{1} << 40).value();
    struct stat status
    {
    };
    ASSERT_EQ(::fstat(notes.descriptor(), &status), 0);
    EXPECT_EQ(status.st_size, std::int64_t{1} << 40);
    EXPECT_EQ(status.st_blocks, 0);
}

TEST(destination, find_gives_a_file_and_refuses_everything_else)
{
    const TemporaryFolder folder;
    folder.write("below/a", "abc");
    folder.link("a", "below/link");
    const auto destination = Destination::open(folder.path()).value();

    EXPECT_EQ(destination.find("below/a").value()->size_bytes().value(), 3u);
    EXPECT_FALSE(destination.find("below/b").value());
    EXPECT_FALSE(destination.find("nowhere/b").value());
    EXPECT_FALSE(destination.find("below/link"));
    EXPECT_FALSE(destination.find("below"));
    EXPECT_FALSE(destination.find("../a"));
}

}  // namespace
}  // namespace ashlar
