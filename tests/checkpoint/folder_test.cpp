#include "checkpoint/folder.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "tests/checkpoint/fixtures.hpp"

namespace ashlar
{
namespace
{

using test::TemporaryFolder;

std::vector<std::string> paths_of(const std::vector<SourceFile>& files)
{
    std::vector<std::string> out;
    for (const auto& file : files)
        out.push_back(file.path);
    return out;
}

/// The folder is refused, and the error names `path`.
void expect_refused(const TemporaryFolder& folder, std::string_view path)
{
    const auto scanned = scan_folder(folder.path());
    ASSERT_FALSE(scanned);
    EXPECT_EQ(scanned.error().kind, ErrorKind::invalid_input);
    EXPECT_NE(scanned.error().message.find(path), std::string::npos) << scanned.error().message;
}

TEST(folder, scan_folder_finds_all_files_in_byte_order)
{
    const TemporaryFolder folder;
    for (const auto* path : {"b", "a/z", "a-b", ".hidden", ".git/config", "Z", "a/b/c", "\u00e9"})
        folder.write(path, path);
    folder.write("empty", "");
    std::filesystem::create_directories(folder.path() / "nothing" / "here");

    const auto files = scan_folder(folder.path()).value();

    EXPECT_EQ(paths_of(files), (std::vector<std::string>{".git/config", ".hidden", "Z", "a-b",
                                   "a/b/c", "a/z", "b", "empty", "\u00e9"}));
    EXPECT_EQ(files[5].identity.size, 3);
    EXPECT_EQ(files[7].identity.size, 0);
    EXPECT_EQ(files[5].location, folder.path() / "a/z");
}

TEST(folder, scan_folder_of_nothing_finds_nothing)
{
    const TemporaryFolder folder;
    EXPECT_TRUE(scan_folder(folder.path()).value().empty());
}

TEST(folder, scan_folder_refuses_what_is_no_folder)
{
    const TemporaryFolder folder;
    EXPECT_FALSE(scan_folder(folder.write("file", "x")));
    EXPECT_FALSE(scan_folder(folder.path() / "missing"));
}

TEST(folder, scan_folder_follows_links_into_the_folder)
{
    const TemporaryFolder folder;
    folder.write("real/model", "12345");
    folder.link("real/model", "file-link");
    folder.link("real", "folder-link");
    folder.link("file-link", "link-to-link");

    const auto files = scan_folder(folder.path()).value();

    EXPECT_EQ(paths_of(files),
        (std::vector<std::string>{"file-link", "folder-link/model", "link-to-link", "real/model"}));
    for (const auto& file : files)
    {
        EXPECT_EQ(file.location, folder.path() / "real/model");
        EXPECT_EQ(file.identity.size, 5);
    }
}

TEST(folder, scan_folder_refuses_links_out_of_the_folder)
{
    const TemporaryFolder outside;
    outside.write("secret", "x");
    for (const auto& target : {outside.path() / "secret", outside.path()})
    {
        const TemporaryFolder folder;
        folder.link(target, "sub/link");
        expect_refused(folder, "sub/link");
    }
    // A sibling whose name the folder's name begins is not inside.
    const TemporaryFolder both;
    both.write("model-2/secret", "x");
    both.link("../model-2/secret", "model/link");
    EXPECT_FALSE(scan_folder(both.path() / "model"));
}

TEST(folder, scan_folder_refuses_links_that_dangle_or_run_in_a_circle)
{
    const TemporaryFolder dangling;
    dangling.link("missing", "link");
    expect_refused(dangling, "link");

    const TemporaryFolder circle;
    circle.link("b", "a");
    circle.link("a", "b");
    expect_refused(circle, "cannot publish");

    const TemporaryFolder upwards;
    upwards.link("..", "sub/up");
    expect_refused(upwards, "sub/up");

    const TemporaryFolder itself;
    itself.link(".", "self");
    expect_refused(itself, "self");
}

TEST(folder, scan_folder_follows_links_into_the_cache_of_a_snapshot)
{
    const TemporaryFolder cache;
    cache.write("models--org--name/blobs/abc", "weights");
    cache.write("models--org--name/refs/main", "123");
    cache.link("../../blobs/abc", "models--org--name/snapshots/123/model.bin");
    const auto snapshot = cache.path() / "models--org--name/snapshots/123";

    const auto files = scan_folder(snapshot).value();
    ASSERT_EQ(files.size(), 1);
    EXPECT_EQ(files[0].path, "model.bin");
    EXPECT_EQ(files[0].location, cache.path() / "models--org--name/blobs/abc");

    cache.link("../../refs/main", "models--org--name/snapshots/123/other");
    EXPECT_FALSE(scan_folder(snapshot));
}

TEST(folder, scan_folder_refuses_blobs_that_are_no_cache_of_the_folder)
{
    for (const auto* snapshot : {"models--x/other/123", "name/snapshots/123"})
    {
        const TemporaryFolder cache;
        cache.write(std::string{snapshot} + "/../../blobs/abc", "weights");
        cache.link("../../blobs/abc", std::string{snapshot} + "/model.bin");
        EXPECT_FALSE(scan_folder(cache.path() / snapshot)) << snapshot;
    }
    // A folder inside blobs/ is none of the cache's making.
    const TemporaryFolder cache;
    cache.write("models--x/blobs/folder/abc", "weights");
    cache.link("../../blobs/folder", "models--x/snapshots/1/folder");
    EXPECT_FALSE(scan_folder(cache.path() / "models--x/snapshots/1"));
}

TEST(folder, scan_folder_refuses_what_is_neither_file_nor_folder)
{
    const TemporaryFolder folder;
    ASSERT_EQ(::mkfifo((folder.path() / "pipe").c_str(), 0600), 0);
    expect_refused(folder, "pipe");

    const TemporaryFolder linked;
    linked.link("pipe", "a");
    ASSERT_EQ(::mkfifo((linked.path() / "pipe").c_str(), 0600), 0);
    expect_refused(linked, "neither a file nor a folder");

    const TemporaryFolder with_socket;
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto closed = File::adopt(descriptor, "socket");
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto path = (with_socket.path() / "sock").native();
    ASSERT_LT(path.size(), sizeof address.sun_path);
    path.copy(address.sun_path, path.size());
    ASSERT_EQ(::bind(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    expect_refused(with_socket, "sock");
}

TEST(folder, scan_folder_refuses_names_that_the_rules_refuse)
{
    for (const auto& [name, shown] : std::vector<std::pair<std::string, std::string>>{
             {"a\xff", "a\\xff"}, {"sub/aux", "sub/aux"}, {"a:b", "a:b"}, {"x ", "x "}})
    {
        const TemporaryFolder folder;
        folder.write(name, "x");
        expect_refused(folder, shown);
    }
    const TemporaryFolder twice;
    twice.write("e\u0301", "1");
    twice.write("\u00e9", "2");
    expect_refused(twice, "\u00e9");
}

// Permission bits do not bind root, who runs the tests in some places: then the file is found.
TEST(folder, scan_folder_refuses_what_cannot_be_read)
{
    const TemporaryFolder folder;
    ASSERT_EQ(::chmod(folder.write("closed", "x").c_str(), 0), 0);
    if (::access((folder.path() / "closed").c_str(), R_OK) != 0)
        return expect_refused(folder, "closed");
    EXPECT_TRUE(scan_folder(folder.path()));
}

TEST(folder, scan_folder_survives_deep_nesting)
{
    const TemporaryFolder folder;
    std::string path = "d";
    while (path.size() < 1000)
        path += "/d";
    folder.write(path + "/f", "x");
    EXPECT_EQ(scan_folder(folder.path()).value().size(), 1);
    folder.write(path + std::string(30, 'x') + "/f", "x");
    EXPECT_FALSE(scan_folder(folder.path()));
}

TEST(folder, open_source_refuses_a_file_that_changed)
{
    const TemporaryFolder folder;
    folder.write("grown", "1");
    folder.write("replaced", "1");
    folder.write("same", "1");
    const auto files = scan_folder(folder.path()).value();
    folder.write("grown", "12");
    folder.write("new", "1");
    std::filesystem::rename(folder.path() / "new", folder.path() / "replaced");

    for (const auto& file : files)
    {
        const auto opened = open_source(file);
        EXPECT_EQ(opened.has_value(), file.path == "same") << file.path;
        if (!opened)
        {
            EXPECT_NE(opened.error().message.find(file.path), std::string::npos);
        }
    }
}

}  // namespace
}  // namespace ashlar
