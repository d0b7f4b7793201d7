#include "checkpoint/payload.hpp"

#include <gtest/gtest.h>

#include "base/hash.hpp"
#include "base/parallel.hpp"
#include "base/random.hpp"
#include "base/shape.hpp"
#include "tests/checkpoint/fixtures.hpp"

namespace ashlar
{
namespace
{

using test::TemporaryFolder;

using test::BLOB;

std::string random_text(std::size_t bytes, std::uint64_t seed)
{
    std::string out(bytes, '\0');
    SeededRandom{seed}.fill(std::as_writable_bytes(std::span{out}));
    return out;
}

/// The payload as DESIGN §2 describes it, built in memory.
std::string slow_payload(const TemporaryFolder& folder, const Payload& payload)
{
    const auto pad = [](std::string& text) { text.resize((text.size() + BLOB - 1) / BLOB * BLOB); };
    std::string out;
    for (const auto& file : payload.directory().files())
    {
        pad(out);
        out += test::contents_of(folder.path() / file.path);
    }
    pad(out);
    out += as_text(payload.directory().encode());
    pad(out);
    return out;
}

std::string read_all(const Payload& payload)
{
    const auto end = next_blob_boundary(payload.payload_bytes()).value();
    std::string out(end, 'x');
    EXPECT_TRUE(payload.read(0, std::as_writable_bytes(std::span{out})));
    return out;
}

TEST(payload, from_folder_of_nothing_is_the_directory_alone)
{
    const TemporaryFolder folder;
    const auto payload = Payload::from_folder(folder.path()).value();
    EXPECT_EQ(payload.payload_bytes(), 8);
    EXPECT_EQ(payload.directory_offset(), 0);
    EXPECT_EQ(payload.directory(), Directory{});
    EXPECT_EQ(read_all(payload), slow_payload(folder, payload));
}

TEST(payload, from_folder_lays_out_files_of_all_sizes_around_a_blob)
{
    for (const auto size : {std::uint64_t{0}, std::uint64_t{1}, BLOB - 1, BLOB, BLOB + 1})
    {
        const TemporaryFolder folder;
        folder.write("a", random_text(size, 1));
        folder.write("b", random_text(3, 2));
        const auto payload = Payload::from_folder(folder.path()).value();
        const auto& files = payload.directory().files();

        const auto second = (size + BLOB - 1) / BLOB * BLOB;
        ASSERT_EQ(files.size(), 2);
        EXPECT_EQ(files[0].offset, 0) << size;
        EXPECT_EQ(files[1].offset, second) << size;
        EXPECT_EQ(payload.directory_offset(), second + BLOB) << size;
        EXPECT_EQ(read_all(payload), slow_payload(folder, payload)) << size;
    }
}

TEST(payload, from_folder_hashes_as_git_and_sha256sum_do)
{
    const TemporaryFolder folder;
    folder.write("empty", "");
    folder.write("hello", "hello world\n");
    const auto payload = Payload::from_folder(folder.path()).value();
    const auto& files = payload.directory().files();
    EXPECT_EQ(to_hex(files[0].git_sha1), "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
    EXPECT_EQ(to_hex(files[0].sha256),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(to_hex(files[1].git_sha1), "3b18e512dba79e4c8300dd08aeb37f8e728b8dad");
    EXPECT_EQ(to_hex(files[1].sha256),
        "a948904f2f0f479b8f8197694b30184b0d2ed1c1cd2a1ec0fb85d299a192a447");
}

TEST(payload, from_folder_hashes_files_longer_than_its_buffer)
{
    const TemporaryFolder folder;
    const auto contents = random_text((std::size_t{2} << 20) + 17, 3);
    folder.write("big", contents);
    const auto payload = Payload::from_folder(folder.path()).value();
    const auto& file = payload.directory().files()[0];
    EXPECT_EQ(file.sha256, sha256(as_byte_view(contents)));
    Hasher git{DigestKind::sha1};
    git.update(as_byte_view(fmt::format("blob {}", contents.size())));
    git.update(std::array{std::byte{0}}).update(as_byte_view(contents));
    EXPECT_EQ(file.git_sha1, git.finish<20>());
}

std::string small_model(std::string_view name)
{
    const auto header =
        fmt::format(R"({{"{}":{{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}}})", name);
    return test::safetensors_file(header, "01234567");
}

TEST(payload, from_folder_collects_tensors_across_files)
{
    const TemporaryFolder folder;
    folder.write("config.json", "{}");
    folder.write("m/1.safetensors", small_model("w"));
    folder.write("m/2.safetensors", small_model("v"));
    folder.write("m/3.safetensors", small_model("w"));
    folder.write("z.gguf", "GGUF" + test::le(3u) + std::string(16, '\0'));

    const auto payload = Payload::from_folder(folder.path()).value();

    const auto& tensors = payload.directory().tensors();
    ASSERT_EQ(tensors.size(), 3);
    EXPECT_EQ(tensors[0].name, "v");
    EXPECT_EQ(tensors[0].file_index, 2);
    EXPECT_EQ(tensors[1].name, "w");
    EXPECT_EQ(tensors[1].file_index, 1);
    EXPECT_EQ(tensors[2].file_index, 3);
    std::string bytes(8, '\0');
    ASSERT_TRUE(payload.read(tensors[2].offset, std::as_writable_bytes(std::span{bytes})));
    EXPECT_EQ(bytes, "01234567");
}

TEST(payload, from_folder_stops_at_a_bad_header_unless_it_is_declared_opaque)
{
    for (const auto* name : {"bad.safetensors", "bad.gguf"})
    {
        const TemporaryFolder folder;
        folder.write(name, "no header");
        const auto refused = Payload::from_folder(folder.path());
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().kind, ErrorKind::invalid_input);
        EXPECT_NE(refused.error().message.find(name), std::string::npos);

        const auto accepted =
            Payload::from_folder(folder.path(), {.opaque = {name}, .progress = {}});
        ASSERT_TRUE(accepted);
        EXPECT_TRUE(accepted->directory().tensors().empty());
    }
}

TEST(payload, from_folder_gives_no_tensors_to_a_good_file_declared_opaque)
{
    const TemporaryFolder folder;
    folder.write("m.safetensors", small_model("w"));
    const auto payload =
        Payload::from_folder(folder.path(), {.opaque = {"m.safetensors"}, .progress = {}});
    ASSERT_TRUE(payload);
    EXPECT_TRUE(payload->directory().tensors().empty());
    EXPECT_FALSE(Payload::from_folder(folder.path(), {.opaque = {"typo"}, .progress = {}}));
}

// The slow twin has the file in its folder.
TEST(payload, with_file_equals_a_folder_that_has_the_file)
{
    for (const std::string path : {"a.json", "m.safetensors.sig", "zz"})
    {
        const TemporaryFolder folder;
        folder.write("config.json", "{}");
        folder.write("m.safetensors", small_model("w"));
        folder.write("z", random_text(200'000, 3));
        const auto payload = Payload::from_folder(folder.path()).value();
        const auto contents = random_text(130'000, 4);
        const auto bytes = as_byte_view(contents);
        const auto with = payload.with_file(path, {bytes.begin(), bytes.end()});
        ASSERT_TRUE(with) << with.error().message;
        folder.write(path, contents);
        const auto twin = Payload::from_folder(folder.path()).value();
        EXPECT_EQ(with->directory(), twin.directory());
        EXPECT_EQ(read_all(*with), read_all(twin));

        // The same path once more replaces it.
        folder.write(path, "short");
        const auto less = as_byte_view("short");
        const auto replaced = with->with_file(path, {less.begin(), less.end()}).value();
        EXPECT_EQ(read_all(replaced), read_all(Payload::from_folder(folder.path()).value()));
    }
}

TEST(payload, with_file_of_a_bad_path_is_refused)
{
    const TemporaryFolder folder;
    folder.write("a", "x");
    const auto payload = Payload::from_folder(folder.path()).value();
    EXPECT_FALSE(payload.with_file("../b", {}));
    EXPECT_FALSE(payload.with_file("a/b", {}));
}

TEST(payload, from_folder_takes_known_digests_and_tells_of_the_others)
{
    const TemporaryFolder folder;
    folder.write("known", "contents");
    folder.write("new", "other contents");
    std::vector<std::string> hashed;
    PayloadOptions options;
    const FileDigests digests{.sha256 = sha256(as_byte_view("said")), .git_sha1 = {}};
    options.known = [&](const SourceFile& file) {
        return file.path == "known" ? std::optional{digests} : std::nullopt;
    };
    options.hashed = [&](const SourceFile& file, const FileDigests& found) -> Result<void> {
        hashed.push_back(file.path);
        EXPECT_EQ(found.sha256, sha256(as_byte_view("other contents")));
        return {};
    };
    const auto payload = Payload::from_folder(folder.path(), options).value();
    EXPECT_EQ(hashed, std::vector<std::string>{"new"});
    EXPECT_EQ(payload.directory().find_file("known")->sha256, digests.sha256);

    options.hashed = [](const SourceFile&, const FileDigests&) -> Result<void> {
        return fail(ErrorKind::insufficient, "no room");
    };
    EXPECT_FALSE(Payload::from_folder(folder.path(), options));
}

TEST(payload, from_folder_reports_progress_up_to_the_total)
{
    const TemporaryFolder folder;
    folder.write("a", random_text(3 << 20, 1));
    folder.write("b", random_text(1000, 2));
    std::uint64_t last = 0;
    PayloadOptions options;
    options.progress = [&](std::uint64_t done, std::uint64_t total) {
        EXPECT_GT(done, last);
        EXPECT_EQ(total, (3u << 20) + 1000u);
        last = done;
    };
    ASSERT_TRUE(Payload::from_folder(folder.path(), options));
    EXPECT_EQ(last, (3u << 20) + 1000u);
}

TEST(payload, read_returns_any_range_from_many_threads)
{
    const TemporaryFolder folder;
    for (std::uint64_t i = 0; i < 12; ++i)
        folder.write(fmt::format("f{:02}", i), random_text(i % 3 == 0 ? 0 : i * 40'000, i));
    const auto payload = Payload::from_folder(folder.path()).value();
    const auto whole = read_all(payload);
    ASSERT_EQ(whole, slow_payload(folder, payload));

    parallel_for(64, [&](std::size_t seed) {
        SeededRandom random{seed};
        const auto from = random.below(whole.size());
        const auto count = random.below(std::min<std::uint64_t>(whole.size() - from, 3 * BLOB) + 1);
        std::string out(count, 'x');
        EXPECT_TRUE(payload.read(from, std::as_writable_bytes(std::span{out})));
        EXPECT_EQ(out, whole.substr(from, count));
    });
}

TEST(payload, read_refuses_bytes_beyond_the_last_blob)
{
    const TemporaryFolder folder;
    folder.write("a", "x");
    const auto payload = Payload::from_folder(folder.path()).value();
    std::vector<std::byte> out(2);
    EXPECT_TRUE(payload.read(2 * BLOB - 2, out));
    EXPECT_FALSE(payload.read(2 * BLOB - 1, out));
    EXPECT_FALSE(payload.read(~std::uint64_t{0}, out));
}

TEST(payload, read_refuses_files_that_changed)
{
    const TemporaryFolder folder;
    folder.write("a", "12345");
    folder.write("b", "12345");
    const auto payload = Payload::from_folder(folder.path()).value();
    std::vector<std::byte> out(5);
    ASSERT_TRUE(payload.read(0, out));

    std::filesystem::resize_file(folder.path() / "a", 4);

    const auto read = payload.read(0, out);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().kind, ErrorKind::invalid_input);
    EXPECT_NE(read.error().message.find("publish a"), std::string::npos) << read.error().message;
    EXPECT_TRUE(payload.read(BLOB, out)) << "the other file is as it was";

    std::filesystem::remove(folder.path() / "b");
    EXPECT_FALSE(payload.read(BLOB, out));
}

}  // namespace
}  // namespace ashlar
