#include <gtest/gtest.h>

#include "retrieval/fetch.hpp"
#include "tests/support/crafted_object.hpp"
#include "tests/support/local_network.hpp"

namespace ashlar
{
namespace
{

/// One file of a single blob, and the directory that an honest publisher would write for it.
struct Draft
{
    std::string contents = test::pattern(1'000, 1);
    std::string behind_contents{};  ///< Last bytes of the file's last blob.
    std::vector<FileEntry> files{{.path = "weights.bin",
        .offset = 0,
        .size = 1'000,
        .sha256 = sha256(as_byte_view(contents)),
        .git_sha1 = git_sha1(contents)}};

    static Bytes20 git_sha1(std::string_view contents)
    {
        Hasher hasher{DigestKind::sha1};
        hasher.update(as_byte_view(fmt::format("blob {}", contents.size())));
        hasher.update(ByteArray<1>{});
        hasher.update(as_byte_view(contents));
        return hasher.finish<20>();
    }

    [[nodiscard]] Directory directory() const { return Directory::from_parts(files, {}).value(); }
};

struct Attempt
{
    Result<FetchedFiles> fetched;
    std::map<std::string, std::string> written;
};

/// Fetches an object whose last blob is `directory_bytes` and whose header says `directory_root`.
Attempt fetch(const Draft& draft, ByteView directory_bytes, const Bytes32& directory_root,
    std::uint64_t directory_offset = PAYLOAD_BYTES_PER_BLOB)
{
    Bytes payload = Bytes(PAYLOAD_BYTES_PER_BLOB);
    std::ranges::copy(as_byte_view(draft.contents), payload.begin());
    std::ranges::copy(
        as_byte_view(draft.behind_contents), payload.end() - std::ssize(draft.behind_contents));
    append(payload, directory_bytes);
    test::CraftedObject object{payload, directory_offset, directory_root};
    const auto view = object.view();
    const auto committee = test::make_committee(1);
    NodeApi* const nodes[] = {&object};
    auto blobs = BlobFetcher::make(view, committee, nodes, {}).value();
    const test::TemporaryFolder out;
    auto fetched = [&]() -> Result<FetchedFiles> {
        ASHLAR_TRY(const auto directory, fetch_directory(view, blobs, no_progress()));
        return fetch_files(
            blobs, directory, {.destination = out.path(), .files = {}}, no_progress());
    }();
    return {std::move(fetched), test::tree_of(out.path())};
}

void expect_refused(const Attempt& attempt, std::string_view why)
{
    ASSERT_FALSE(attempt.fetched);
    EXPECT_EQ(attempt.fetched.error().kind, ErrorKind::proof_invalid);
    EXPECT_NE(attempt.fetched.error().message.find(why), std::string::npos)
        << attempt.fetched.error().message;
    EXPECT_TRUE(attempt.written.empty());
}

}  // namespace

TEST(lying_directory, the_honest_draft_is_fetched)
{
    const Draft draft;
    const auto attempt = fetch(draft, draft.directory().encode(), draft.directory().root());

    ASSERT_TRUE(attempt.fetched) << attempt.fetched.error().message;
    EXPECT_EQ(attempt.written.at("weights.bin"), draft.contents);
}

// A cache would know a file like this by its git SHA-1.
TEST(lying_directory, wrong_sha256_or_git_sha1_writes_nothing)
{
    Draft wrong_sha256;
    wrong_sha256.files[0].sha256[0] ^= std::byte{1};
    expect_refused(
        fetch(wrong_sha256, wrong_sha256.directory().encode(), wrong_sha256.directory().root()),
        "weights.bin");

    Draft wrong_sha1;
    wrong_sha1.files[0].path = "notes.txt";
    wrong_sha1.files[0].git_sha1[0] ^= std::byte{1};
    expect_refused(
        fetch(wrong_sha1, wrong_sha1.directory().encode(), wrong_sha1.directory().root()),
        "notes.txt");
}

TEST(lying_directory, directory_without_the_headers_root_is_refused)
{
    const Draft draft;
    expect_refused(fetch(draft, draft.directory().encode(), sha256(Bytes{})), "root");
}

// Offsets, sizes, hashes, names: whatever is changed, either a rule or the root refuses it.
TEST(lying_directory, any_changed_byte_is_refused)
{
    const Draft draft;
    const auto good = draft.directory().encode();
    for (std::size_t at = 0; at < good.size(); ++at)
    {
        auto bytes = good;
        bytes[at] ^= std::byte{0x80};
        const auto attempt = fetch(draft, bytes, draft.directory().root());
        ASSERT_FALSE(attempt.fetched) << "byte " << at;
        EXPECT_EQ(attempt.fetched.error().kind, ErrorKind::proof_invalid);
        EXPECT_TRUE(attempt.written.empty()) << "byte " << at;
    }
}

TEST(lying_directory, bytes_hidden_in_a_gap_are_refused)
{
    Draft draft;
    draft.behind_contents.push_back('x');
    expect_refused(fetch(draft, draft.directory().encode(), draft.directory().root()), "gap");
}

TEST(lying_directory, directory_elsewhere_than_its_layout_says_is_refused)
{
    const Draft draft;
    auto bytes = Bytes(PAYLOAD_BYTES_PER_BLOB);
    append(bytes, draft.directory().encode());
    expect_refused(fetch(draft, bytes, draft.directory().root(), 2 * PAYLOAD_BYTES_PER_BLOB),
        "does not fit the payload");
}

}  // namespace ashlar
