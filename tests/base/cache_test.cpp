#include "base/cache.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include "tests/support/scoped_environment.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ashlar
{
namespace
{

namespace fs = std::filesystem;

class cache : public testing::Test
{
protected:
    cache() { environment_.set("ASHLAR_CACHE_DIR", at("kept").native()); }

    [[nodiscard]] fs::path at(std::string_view name) const { return folder_.path() / name; }

    static Bytes numbered(std::size_t size)
    {
        Bytes out(size);
        for (std::size_t i = 0; i < size; ++i)
            out[i] = static_cast<std::byte>(i * 7 + i / 251);
        return out;
    }

    /// Whether a file of so many bytes is there, and if so that it has the right ones.
    static bool has(std::string_view name, const Bytes& expected)
    {
        Bytes out(expected.size());
        const auto mapped = map_cache(name, expected.size());
        const bool is_there = read_cache(name, out);
        EXPECT_EQ(mapped.has_value(), is_there && !expected.empty());
        if (!is_there)
            return false;
        EXPECT_EQ(out, expected);
        EXPECT_TRUE(!mapped || equal(mapped->bytes(), expected));
        return true;
    }

    test::TemporaryFolder folder_;
    test::ScopedEnvironment environment_;
};

TEST_F(cache, keeps_bytes_of_any_size_until_they_are_replaced)
{
    for (const std::size_t size : {0U, 1U, 8U, 262'143U, 262'144U, 262'145U, 1'000'000U})
    {
        const auto bytes = numbered(size);
        EXPECT_FALSE(has(fmt::format("of-{}", size), bytes));
        write_cache(fmt::format("of-{}", size), bytes);
        EXPECT_TRUE(has(fmt::format("of-{}", size), bytes));
    }
    const Bytes other(8, std::byte{9});
    write_cache("of-8", other);
    EXPECT_TRUE(has("of-8", other));
    EXPECT_EQ(std::distance(fs::directory_iterator{at("kept")}, {}), 7) << "temporary files left";
}

TEST_F(cache, mapped_bytes_stay_when_the_file_is_replaced_or_removed)
{
    const auto bytes = numbered(10'000);
    write_cache("name", bytes);
    auto first = map_cache("name", bytes.size()).value();
    const auto moved = std::move(first);
    write_cache("name", Bytes(10'000));
    const auto second = map_cache("name", bytes.size()).value();
    fs::remove(at("kept/name"));
    EXPECT_TRUE(equal(moved.bytes(), bytes));
    EXPECT_TRUE(equal(second.bytes(), Bytes(10'000)));
}

TEST_F(cache, refuses_a_file_of_another_size)
{
    write_cache("name", numbered(100));
    for (const std::size_t size : {0U, 99U, 101U, 108U})
        EXPECT_FALSE(has("name", numbered(size))) << size;
}

TEST_F(cache, refuses_a_file_with_a_byte_changed_wherever)
{
    const auto bytes = numbered(300'000);
    write_cache("name", bytes);
    for (const std::streamoff at_byte : {0, 262'144, 299'999, 300'000, 300'007})
    {
        std::fstream file{at("kept/name"), std::ios::in | std::ios::out | std::ios::binary};
        const auto flip = [&] {
            file.seekg(at_byte);
            const auto was = file.get();
            file.seekp(at_byte);
            file.put(static_cast<char>(was ^ 1));
            file.flush();
        };
        flip();
        EXPECT_FALSE(has("name", bytes)) << at_byte;
        flip();
        EXPECT_TRUE(has("name", bytes)) << at_byte;
    }
}

// What a power loss can leave of a file: its size, and no bytes.
TEST_F(cache, refuses_a_file_of_zeros)
{
    write_cache("name", numbered(4096));
    fs::resize_file(at("kept/name"), 0);
    fs::resize_file(at("kept/name"), 4096 + 8);
    EXPECT_FALSE(has("name", Bytes(4096)));
}

TEST_F(cache, refuses_a_file_that_others_can_write)
{
    write_cache("name", numbered(10));
    for (const auto others : {fs::perms::group_write, fs::perms::others_write})
    {
        fs::permissions(at("kept/name"), others, fs::perm_options::add);
        EXPECT_FALSE(has("name", numbered(10)));
        fs::permissions(at("kept/name"), others, fs::perm_options::remove);
    }
    EXPECT_TRUE(has("name", numbered(10)));
}

TEST_F(cache, is_off_where_the_folder_is_empty_or_cannot_be_made)
{
    environment_.set("ASHLAR_CACHE_DIR", "");
    write_cache("name", numbered(10));
    EXPECT_FALSE(has("name", numbered(10)));

    std::ofstream{at("file")} << "no folder";
    environment_.set("ASHLAR_CACHE_DIR", at("file/below").native());
    write_cache("name", numbered(10));
    EXPECT_FALSE(has("name", numbered(10)));
}

TEST_F(cache, trims_what_was_written_first_of_a_name)
{
    using namespace std::chrono_literals;
    trim_cache("note-", 2);  // There is no folder yet.
    const auto now = fs::file_time_type::clock::now();
    for (const auto* const name : {"note-d", "note-a", "note-c", "note-b", "table"})
        write_cache(name, numbered(10));
    fs::last_write_time(at("kept/table"), now - 9h);
    fs::last_write_time(at("kept/note-a"), now - 4h);
    fs::last_write_time(at("kept/note-b"), now - 3h);
    fs::last_write_time(at("kept/note-c"), now - 2h);
    fs::last_write_time(at("kept/note-d"), now - 5h);
    trim_cache("note-", 4);
    EXPECT_TRUE(has("note-d", numbered(10)));
    trim_cache("note-", 2);
    for (const auto* const name : {"note-a", "note-d"})
        EXPECT_FALSE(has(name, numbered(10))) << name;
    for (const auto* const name : {"note-b", "note-c", "table"})
        EXPECT_TRUE(has(name, numbered(10))) << name;
}

TEST_F(cache, lies_in_the_folder_for_caches_without_a_variable)
{
    environment_.set("ASHLAR_CACHE_DIR", std::nullopt);
    environment_.set("XDG_CACHE_HOME", at("xdg").native());
    write_cache("name", numbered(10));
    EXPECT_TRUE(fs::exists(at("xdg/ashlar/name")));

    environment_.set("XDG_CACHE_HOME", std::nullopt);
    environment_.set("HOME", at("home").native());
    write_cache("name", numbered(10));
    EXPECT_TRUE(fs::exists(at("home/.cache/ashlar/name")));

    environment_.set("HOME", std::nullopt);
    EXPECT_FALSE(has("name", numbered(10)));
}

}  // namespace
}  // namespace ashlar
