#include "retrieval/fetch.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <deque>

#include "checkpoint/stored_form.hpp"
#include "retrieval/fetch_notes.hpp"
#include "tests/support/local_network.hpp"
#include "tests/support/lying_node.hpp"

namespace ashlar
{
namespace
{

using test::LocalNetwork;
using test::LyingNode;

constexpr std::size_t NODES = 8;

void expect_round_trip(const test::TemporaryFolder& source)
{
    LocalNetwork network{NODES};
    const auto object = test::publish_folder(network, source.path());
    ASSERT_TRUE(object) << object.error().message;
    const test::TemporaryFolder out;

    const auto fetched = test::fetch_all(network, (*object)->root(), out.path());

    ASSERT_TRUE(fetched) << fetched.error().message;
    EXPECT_EQ(test::tree_of(out.path()), test::tree_of(source.path()));
}

/// About 20 data blobs, mostly zeros so that committing is quick, in several files.
void write_small_model(const test::TemporaryFolder& folder)
{
    for (int shard = 0; shard < 3; ++shard)
    {
        std::string contents(6 * PAYLOAD_BYTES_PER_BLOB + 77, '\0');
        for (std::size_t i = 0; i < contents.size(); i += 10'007)
            contents[i] = static_cast<char>(i + static_cast<std::size_t>(shard));
        folder.write(fmt::format("model-{}.bin", shard), contents);
    }
    folder.write("config.json", R"({"hidden_size": 8})");
    folder.write("empty.txt", "");
}

/// Answers every request for pieces with none, and without an error.
class SilentNode final : public test::ForwardingNode
{
public:
    explicit SilentNode(NodeApi& inner) : inner_{inner} {}

    Result<void> get_pieces(const Bytes32& /*root*/, std::span<const std::uint64_t> /*pieces*/,
        const PieceSink& /*sink*/) override
    {
        return {};
    }

protected:
    Result<NodeApi*> target() override { return &inner_; }

private:
    NodeApi& inner_;
};

/// Serves every data blob in a stored form of its own making.
class FormingNode final : public test::ForwardingNode
{
public:
    using Forge = std::function<Bytes(Bytes)>;

    /// @param forge  What becomes of an honest form.
    FormingNode(NodeApi& inner, Forge forge) : inner_{inner}, forge_{std::move(forge)} {}

    Result<void> get_carried_pieces(const Bytes32& root, std::span<const std::uint64_t> pieces,
        const CarriedSink& sink) override
    {
        return inner_.get_carried_pieces(root, pieces, [&](const CarriedPiece& piece) {
            if (piece.form == PieceForm::raw)
                return sink(piece);
            const auto forged = forge_({piece.bytes.begin(), piece.bytes.end()});
            return sink({.piece = piece.piece, .form = piece.form, .bytes = forged});
        });
    }

protected:
    Result<NodeApi*> target() override { return &inner_; }

private:
    NodeApi& inner_;
    Forge forge_;
};

class fetch_with_losses : public ::testing::Test
{
protected:
    void SetUp() override
    {
        write_small_model(source_);
        auto object = test::publish_folder(network_, source_.path());
        ASSERT_TRUE(object) << object.error().message;
        object_ = std::move(*object);
        expected_ = test::tree_of(source_.path());
    }

    test::TemporaryFolder source_;
    LocalNetwork network_{NODES};
    std::unique_ptr<test::PublishedFolder> object_;
    std::map<std::string, std::string> expected_;
};

}  // namespace

TEST(fetch, round_trip_of_sizes_around_a_blob)
{
    for (const auto size : {std::size_t{0}, std::size_t{1}, PAYLOAD_BYTES_PER_BLOB - 1,
             PAYLOAD_BYTES_PER_BLOB, PAYLOAD_BYTES_PER_BLOB + 1})
    {
        SCOPED_TRACE(size);
        const test::TemporaryFolder source;
        source.write("weights.bin", test::pattern(size, size));
        expect_round_trip(source);
    }
}

TEST(fetch, round_trip_of_nested_hidden_and_empty_files)
{
    const test::TemporaryFolder source;
    source.write(".hidden", "h");
    source.write("a/b/c/deep.txt", "deep");
    source.write("a/empty", "");
    source.write("z", test::pattern(1000, 3));
    expect_round_trip(source);
}

TEST(fetch, round_trip_of_an_empty_folder)
{
    const test::TemporaryFolder source;
    expect_round_trip(source);
}

// K and D at their corners: 15, 16, 17 data blobs, 100, a power of two and one past it.
TEST(fetch, round_trip_of_many_shapes)
{
    for (const std::size_t data_blobs : {15u, 16u, 17u, 64u, 65u, 100u})
    {
        SCOPED_TRACE(data_blobs);
        const test::TemporaryFolder source;
        std::string contents((data_blobs - 1) * PAYLOAD_BYTES_PER_BLOB, '\0');
        for (std::size_t i = 0; i < contents.size(); i += 50'021)
            contents[i] = static_cast<char>(i);
        source.write("weights.bin", contents);
        expect_round_trip(source);
    }
}

TEST_F(fetch_with_losses, every_choice_of_four_of_eight_nodes_killed_gives_every_byte)
{
    int choices = 0;
    for (unsigned killed = 0; killed < 1u << NODES; ++killed)
    {
        if (std::popcount(killed) != 4)
            continue;
        SCOPED_TRACE(fmt::format("killed {:08b}", killed));
        network_.start_all();
        for (std::size_t i = 0; i < NODES; ++i)
        {
            if ((killed >> i & 1) != 0)
                network_.stop(i);
        }
        const test::TemporaryFolder out;
        const auto fetched = test::fetch_all(network_, object_->root(), out.path());
        ASSERT_TRUE(fetched) << fetched.error().message;
        ASSERT_EQ(test::tree_of(out.path()), expected_);
        ++choices;
    }
    EXPECT_EQ(choices, 70);
}

TEST_F(fetch_with_losses, five_killed_is_insufficient_with_the_counts_and_leaves_nothing)
{
    for (const std::size_t i : {0u, 1u, 3u, 4u, 6u})
        network_.stop(i);
    const test::TemporaryFolder out;

    const auto fetched = test::fetch_all(network_, object_->root(), out.path());

    ASSERT_FALSE(fetched);
    EXPECT_EQ(fetched.error().kind, ErrorKind::insufficient);
    const auto& shape = object_->object.header().shape();
    EXPECT_NE(fetched.error().message.find(fmt::format("and {} are needed", shape.data_blobs())),
        std::string::npos)
        << fetched.error().message;
    EXPECT_TRUE(test::tree_of(out.path()).empty());
}

TEST_F(fetch_with_losses, two_killed_are_repaired_from_groups_or_decoded)
{
    network_.stop(1);
    FetchCounts counts;
    const test::TemporaryFolder out;

    ASSERT_TRUE(test::fetch_all(network_, object_->root(), out.path(), &counts));

    EXPECT_EQ(test::tree_of(out.path()), expected_);
    EXPECT_GT(counts.group_repaired, 0u);
    EXPECT_EQ(counts.decoded, 0u);
}

TEST_F(fetch_with_losses, a_liar_is_named_and_the_bytes_are_right)
{
    LyingNode liar{*network_.nodes()[3]};
    network_.replace(3, liar);
    std::vector<FalseAnswer> false_answers;
    const test::TemporaryFolder out;

    const auto fetched =
        test::fetch_all(network_, object_->root(), out.path(), nullptr, &false_answers);

    ASSERT_TRUE(fetched) << fetched.error().message;
    EXPECT_EQ(test::tree_of(out.path()), expected_);
    ASSERT_FALSE(false_answers.empty());
    for (const auto& answer : false_answers)
        EXPECT_EQ(answer.member, 3u) << answer.what;
}

// Forms of other bytes, broken ones, too long ones, none, and differences, which are for nodes.
TEST_F(fetch_with_losses, false_stored_forms_are_named_and_recovered)
{
    const FormingNode::Forge forges[] = {
        [](const Bytes&) {
            const Bytes sevens(PAYLOAD_BYTES_PER_BLOB, std::byte{7});
            const StoredRun run{
                .bytes = PAYLOAD_BYTES_PER_BLOB, .width = 1, .texture = Texture::text};
            return StoredFormEncoder{}.encode(
                ByteView{sevens}.first<PAYLOAD_BYTES_PER_BLOB>(), {&run, 1});
        },
        [](Bytes form) {
            form.pop_back();
            return form;
        },
        [](Bytes form) {
            form[1] = std::byte{1};
            return form;
        },
        [](Bytes form) {
            form.resize(STORED_FORM_BYTES_MAX + 1);
            return form;
        },
        [](const Bytes&) { return Bytes{}; }};
    auto& honest = *network_.nodes()[3];
    for (const auto& forge : forges)
    {
        FormingNode liar{honest, forge};
        network_.replace(3, liar);
        std::vector<FalseAnswer> false_answers;
        const test::TemporaryFolder out;
        const auto fetched =
            test::fetch_all(network_, object_->root(), out.path(), nullptr, &false_answers);
        ASSERT_TRUE(fetched) << fetched.error().message;
        EXPECT_EQ(test::tree_of(out.path()), expected_);
        ASSERT_FALSE(false_answers.empty());
        for (const auto& answer : false_answers)
            EXPECT_EQ(answer.member, 3u) << answer.what;
    }
}

TEST_F(fetch_with_losses, counts_bytes_as_they_travelled)
{
    const test::TemporaryFolder out;
    FetchCounts counts;
    ASSERT_TRUE(test::fetch_all(network_, object_->root(), out.path(), &counts));
    // The model is mostly zeros.
    EXPECT_LT(counts.bytes_received, counts.fetched * BYTES_PER_BLOB / 4);
    EXPECT_GT(counts.bytes_received, 0u);
}

// Four down is the edge; one liar beside them is one too many, and never wrong bytes.
TEST_F(fetch_with_losses, half_down_and_a_liar_is_insufficient)
{
    for (const std::size_t i : {0u, 2u, 4u, 6u})
        network_.stop(i);
    LyingNode liar{*network_.nodes()[3]};
    network_.replace(3, liar);
    const test::TemporaryFolder out;

    const auto fetched = test::fetch_all(network_, object_->root(), out.path());

    ASSERT_FALSE(fetched);
    EXPECT_EQ(fetched.error().kind, ErrorKind::insufficient);
    EXPECT_TRUE(test::tree_of(out.path()).empty());
}

// A batch of no blobs verifies, as the specifications want it: nobody gets a byte by it.
TEST_F(fetch_with_losses, five_that_answer_with_nothing_are_as_good_as_down)
{
    std::deque<SilentNode> silent;
    for (const std::size_t i : {0u, 1u, 3u, 4u, 6u})
    {
        silent.emplace_back(*network_.nodes()[i]);
        network_.replace(i, silent.back());
    }
    const test::TemporaryFolder out;

    const auto fetched = test::fetch_all(network_, object_->root(), out.path());

    ASSERT_FALSE(fetched);
    EXPECT_EQ(fetched.error().kind, ErrorKind::insufficient);
    EXPECT_TRUE(test::tree_of(out.path()).empty());
}

TEST_F(fetch_with_losses, one_file_reads_only_its_blobs)
{
    const auto view = open_object(object_->root(), network_.committee(), network_.nodes()).value();
    auto blobs = BlobFetcher::make(view, network_.committee(), network_.nodes(), {}).value();
    const auto directory = fetch_directory(view, blobs, no_progress()).value();
    const test::TemporaryFolder out;

    const auto fetched = fetch_files(
        blobs, directory, {.destination = out.path(), .files = {"config.json"}}, no_progress());

    ASSERT_TRUE(fetched) << fetched.error().message;
    EXPECT_EQ(test::contents_of(out.path() / "config.json"), expected_.at("config.json"));
    EXPECT_EQ(test::tree_of(out.path()).size(), 1u);
    EXPECT_EQ(blobs.counts().fetched, 2u);
}

namespace
{

/// One run of a fetch of everything: what a process would do.
struct FetchRun
{
    Result<FetchedFiles> fetched;
    FetchCounts counts;
};

FetchRun run_fetch(const LocalNetwork& network, const ObjectView& view, const Directory& directory,
    const std::filesystem::path& destination)
{
    auto blobs = BlobFetcher::make(view, network.committee(), network.nodes(), {}).value();
    auto fetched =
        fetch_files(blobs, directory, {.destination = destination, .files = {}}, no_progress());
    return {std::move(fetched), blobs.counts()};
}

}  // namespace

class interrupted_fetch : public fetch_with_losses
{
protected:
    void SetUp() override
    {
        fetch_with_losses::SetUp();
        view_ = open_object(object_->root(), network_.committee(), network_.nodes()).value();
        auto blobs = BlobFetcher::make(*view_, network_.committee(), network_.nodes(), {}).value();
        directory_ = fetch_directory(*view_, blobs, no_progress()).value();
        for (const std::size_t i : {0u, 1u, 3u, 4u, 6u})
            network_.stop(i);
        const auto first = run_fetch(network_, *view_, directory_, out_.path());
        ASSERT_FALSE(first.fetched);
        ASSERT_EQ(first.fetched.error().kind, ErrorKind::insufficient);
        network_.start_all();
    }

    std::optional<ObjectView> view_;
    Directory directory_;
    test::TemporaryFolder out_;
};

TEST_F(interrupted_fetch, leaves_no_file_under_its_name)
{
    for (const auto& [path, contents] : test::tree_of(out_.path()))
        EXPECT_TRUE(path.starts_with(".ashlar-partial/")) << path;
}

TEST_F(interrupted_fetch, goes_on_where_it_stopped)
{
    const test::TemporaryFolder fresh;
    const auto all = run_fetch(network_, *view_, directory_, fresh.path());

    const auto rest = run_fetch(network_, *view_, directory_, out_.path());

    ASSERT_TRUE(rest.fetched) << rest.fetched.error().message;
    EXPECT_EQ(test::tree_of(out_.path()), expected_);
    EXPECT_LT(rest.counts.fetched, all.counts.fetched);
    EXPECT_FALSE(std::filesystem::exists(out_.path() / ".ashlar-partial"));
}

// As after a power failure: the notes reached the disk and the bytes did not.
TEST_F(interrupted_fetch, fetches_again_what_was_damaged_meanwhile)
{
    for (const auto& [path, contents] : test::tree_of(out_.path()))
    {
        if (contents.size() > PAYLOAD_BYTES_PER_BLOB)
            out_.write(path, std::string(contents.size(), 'x'));
    }

    const auto rest = run_fetch(network_, *view_, directory_, out_.path());

    ASSERT_TRUE(rest.fetched) << rest.fetched.error().message;
    EXPECT_EQ(test::tree_of(out_.path()), expected_);
}

// As after a kill before the check: what came is there, some of it false.
TEST_F(interrupted_fetch, verifies_what_arrived_and_fetches_again_what_is_false)
{
    const test::TemporaryFolder fresh;
    const auto all = run_fetch(network_, *view_, directory_, fresh.path());
    const auto blobs = view_->header.shape().data_blobs();
    auto notes = test::contents_of(out_.path() / ".ashlar-partial/notes");
    ASSERT_EQ(notes.size(), FetchNotes::size_bytes(blobs));
    std::ranges::replace(notes.begin(), notes.begin() + static_cast<std::ptrdiff_t>(blobs),
        static_cast<char>(BlobState::verified), static_cast<char>(BlobState::arrived));
    out_.write(".ashlar-partial/notes", notes);
    for (auto [path, contents] : test::tree_of(out_.path()))
    {
        if (path.ends_with("notes") || contents.size() < PAYLOAD_BYTES_PER_BLOB)
            continue;
        contents.replace(0, PAYLOAD_BYTES_PER_BLOB, PAYLOAD_BYTES_PER_BLOB, 'x');
        out_.write(path, contents);
    }

    const auto rest = run_fetch(network_, *view_, directory_, out_.path());

    ASSERT_TRUE(rest.fetched) << rest.fetched.error().message;
    EXPECT_EQ(test::tree_of(out_.path()), expected_);
    EXPECT_LT(rest.counts.fetched, all.counts.fetched);
}

TEST_F(fetch_with_losses, files_that_are_there_already_are_kept_and_not_fetched)
{
    const test::TemporaryFolder out;
    ASSERT_TRUE(test::fetch_all(network_, object_->root(), out.path()));
    std::filesystem::remove(out.path() / "model-1.bin");
    const auto view = open_object(object_->root(), network_.committee(), network_.nodes()).value();
    auto blobs = BlobFetcher::make(view, network_.committee(), network_.nodes(), {}).value();
    const auto directory = fetch_directory(view, blobs, no_progress()).value();

    const auto fetched =
        fetch_files(blobs, directory, {.destination = out.path(), .files = {}}, no_progress());

    ASSERT_TRUE(fetched) << fetched.error().message;
    EXPECT_EQ(fetched->files_kept, fetched->files - 1);
    EXPECT_EQ(blobs.counts().fetched, 1u + 7u);  // The directory's blob and the file's.
    EXPECT_EQ(test::tree_of(out.path()), expected_);
}

TEST_F(fetch_with_losses, ranges_are_exact_and_read_only_their_blobs)
{
    const auto view = open_object(object_->root(), network_.committee(), network_.nodes()).value();
    auto blobs = BlobFetcher::make(view, network_.committee(), network_.nodes(), {}).value();
    const auto directory = fetch_directory(view, blobs, no_progress()).value();
    const auto& file = *directory.find_file("model-1.bin");
    const auto& contents = expected_.at("model-1.bin");
    const auto before = blobs.counts().fetched;
    std::string got;
    const auto collect = [&](ByteView bytes) -> Result<void> {
        got.append(as_text(bytes));
        return {};
    };
    const PayloadRange across{.offset = file.offset + PAYLOAD_BYTES_PER_BLOB - 5, .size = 10};

    ASSERT_TRUE(fetch_range(blobs, across, collect, no_progress()));
    EXPECT_EQ(got, contents.substr(PAYLOAD_BYTES_PER_BLOB - 5, 10));
    EXPECT_EQ(blobs.counts().fetched - before, 2u);

    got.clear();
    ASSERT_TRUE(
        fetch_range(blobs, {.offset = file.offset, .size = file.size}, collect, no_progress()));
    EXPECT_EQ(got, contents);

    const auto end = view.header.fields().payload_bytes;
    EXPECT_TRUE(fetch_range(blobs, {.offset = end, .size = 0}, collect, no_progress()));
    const auto beyond = fetch_range(blobs, {.offset = end, .size = 1}, collect, no_progress());
    ASSERT_FALSE(beyond);
    EXPECT_EQ(beyond.error().kind, ErrorKind::invalid_input);
}

TEST(find_tensor, wants_the_file_only_where_the_name_is_in_several)
{
    const auto file = [](std::string path, std::uint64_t offset) {
        return FileEntry{
            .path = std::move(path), .offset = offset, .size = 64, .sha256 = {}, .git_sha1 = {}};
    };
    const auto tensor = [](std::string name, std::uint32_t index, std::uint64_t offset) {
        return Tensor{.name = std::move(name),
            .file_index = index,
            .dtype = Dtype{2},
            .shape = {8},
            .offset = offset,
            .size = 8};
    };
    const auto second = PAYLOAD_BYTES_PER_BLOB;
    const auto directory = Directory::from_parts({file("a", 0), file("b", second)},
        {tensor("both", 0, 0), tensor("both", 1, second), tensor("one", 1, second + 8)})
                               .value();

    EXPECT_EQ(find_tensor(directory, "one", std::nullopt)->offset, second + 8);
    EXPECT_EQ(find_tensor(directory, "both", "b")->offset, second);
    EXPECT_EQ(find_tensor(directory, "both", std::nullopt).error().kind, ErrorKind::invalid_input);
    EXPECT_EQ(find_tensor(directory, "none", std::nullopt).error().kind, ErrorKind::not_found);
    EXPECT_EQ(find_tensor(directory, "one", "a").error().kind, ErrorKind::not_found);
}

TEST_F(fetch_with_losses, a_file_that_is_not_there_and_a_target_that_exists_are_refused)
{
    const auto view = open_object(object_->root(), network_.committee(), network_.nodes()).value();
    auto blobs = BlobFetcher::make(view, network_.committee(), network_.nodes(), {}).value();
    const auto directory = fetch_directory(view, blobs, no_progress()).value();
    const test::TemporaryFolder out;
    out.write("config.json", "mine");

    const auto unknown = fetch_files(
        blobs, directory, {.destination = out.path(), .files = {"nope"}}, no_progress());
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().kind, ErrorKind::not_found);

    const auto existing =
        fetch_files(blobs, directory, {.destination = out.path(), .files = {}}, no_progress());
    ASSERT_FALSE(existing);
    EXPECT_EQ(existing.error().kind, ErrorKind::invalid_input);
    EXPECT_EQ(test::tree_of(out.path()).size(), 1u);
    EXPECT_EQ(test::contents_of(out.path() / "config.json"), "mine");
}

}  // namespace ashlar
