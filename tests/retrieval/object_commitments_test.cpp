#include "retrieval/object_commitments.hpp"

#include <gtest/gtest.h>

#include "base/cache.hpp"
#include "retrieval/directory_lookup.hpp"
#include "tests/support/published_model.hpp"
#include "tests/support/scoped_environment.hpp"
#include "tests/support/small_object.hpp"

namespace ashlar::test
{
namespace
{

/// Serves one bit of every local parity wrong.
class FalseParities final : public ForwardingNode
{
public:
    FalseParities(NodeApi& honest, std::uint64_t stored_count)
      : honest_{honest}, stored_count_{stored_count}
    {}

    Result<void> get_pieces(
        const Bytes32& root, std::span<const std::uint64_t> pieces, const PieceSink& sink) override
    {
        return honest_.get_pieces(root, pieces, [&](const PieceView& piece) {
            Bytes copy{piece.bytes.begin(), piece.bytes.end()};
            if (piece.piece >= stored_count_)
                copy[99] ^= std::byte{1};
            return sink({piece.piece, BlobView{copy}});
        });
    }

protected:
    [[nodiscard]] Result<NodeApi*> target() override { return &honest_; }

private:
    NodeApi& honest_;
    std::uint64_t stored_count_;
};

/// Has the commitments of one object, and nothing else.
class MetadataNode final : public ForwardingNode
{
public:
    explicit MetadataNode(ObjectMetadata metadata) : metadata_{std::move(metadata)} {}

    Result<ObjectMetadata> metadata(const Bytes32& /*root*/) override { return metadata_; }

protected:
    [[nodiscard]] Result<NodeApi*> target() override
    {
        return fail(ErrorKind::not_found, "this node only has commitments");
    }

private:
    ObjectMetadata metadata_;
};

/// As a reader gets them.
Result<ObjectCommitments> fetch_all(const SmallObject& object)
{
    MetadataNode node{object.metadata};
    NodeApi* const nodes[] = {&node};
    std::vector<FalseAnswer> false_answers;
    auto fetched = fetch_commitments(object.header(), nodes, false_answers);
    EXPECT_TRUE(false_answers.empty());
    return fetched;
}

/// A reader of parts of a model.
struct PartReader
{
    explicit PartReader(PublishedModel& model, CommitmentTrust trust = CommitmentTrust::walk)
      : object{LightObject::open(model.root(), model.network().committee(), model.network().nodes(),
            trust, model.network().clock())
                   .value()},
        view{view_by_walks(object)},
        blobs{BlobFetcher::make(view, model.network().committee(), model.network().nodes(), {})
                  .value()}
    {}

    Result<Bytes> read(const PayloadRange& range)
    {
        Bytes out;
        ASHLAR_CHECK(fetch_range(
            blobs, range,
            [&](ByteView bytes) -> Result<void> {
                append(out, bytes);
                return {};
            },
            no_progress()));
        return out;
    }

    LightObject object;
    ObjectView view;
    BlobFetcher blobs;
};

/// Blobs 2 to 4, in part: pattern and zeros.
constexpr PayloadRange RANGE{
    .offset = 2 * PAYLOAD_BYTES_PER_BLOB + 77, .size = 2 * PAYLOAD_BYTES_PER_BLOB};

/// What is noted of an object that passed the full check.
Bytes note_of(const SmallObject& object)
{
    Bytes note;
    append(note, object.root());
    for (const auto& commitment : object.codeword())
        append(note, std::as_bytes(std::span{&commitment.point(), 1}));
    return note;
}

TEST(object_commitments, the_full_check_is_made_once_and_noted_for_the_object_alone)
{
    const TemporaryFolder cache;
    ScopedEnvironment environment;
    environment.set("ASHLAR_CACHE_DIR", cache.path().native());
    const auto good = make_small_object();
    ASSERT_TRUE(fetch_all(good));
    auto noted = note_of(good);
    EXPECT_TRUE(read_cache("codeword-" + to_hex(good.root()), noted));
    EXPECT_EQ(noted, note_of(good));
    EXPECT_TRUE(std::ranges::equal(fetch_all(good).value().codeword(), good.codeword()));

    auto invalid = make_small_object();
    auto codeword = invalid.codeword();
    std::swap(codeword.front(), codeword.back());
    invalid.bind(codeword);
    const auto name = "codeword-" + to_hex(invalid.root());
    EXPECT_FALSE(fetch_all(invalid));
    EXPECT_FALSE(read_cache(name, noted));
    // Another object's note, or one that an accident changed, does not count.
    write_cache(name, note_of(good));
    EXPECT_FALSE(fetch_all(invalid));
    // Nor do points that are not the commitments', under the right root.
    auto other_points = note_of(good);
    const auto root = invalid.root();
    std::ranges::copy(root, other_points.begin());
    write_cache(name, other_points);
    EXPECT_FALSE(fetch_all(invalid));
    // This user's own word does, which shows that noted objects are not checked again.
    write_cache(name, note_of(invalid));
    EXPECT_TRUE(fetch_all(invalid));
}

TEST(object_commitments, a_range_takes_its_own_walks_alone)
{
    for (const auto trust : {CommitmentTrust::walk, CommitmentTrust::certificate})
    {
        auto& model = PublishedModel::layered();
        PartReader reader{model, trust};
        const auto expected = model.payload(RANGE.offset, RANGE.size);

        EXPECT_EQ(reader.read(RANGE).value(), expected);

        EXPECT_FALSE(reader.view.commitments->is_whole());
        EXPECT_EQ(reader.view.commitments->walk_bytes(),
            FoldGeometry::of(reader.view.header.shape()).walk_bytes());
        EXPECT_EQ(reader.blobs.counts().fetched, 3u);
    }
}

TEST(object_commitments, those_learned_are_those_of_the_full_check)
{
    for (auto* const model : {&PublishedModel::small(), &PublishedModel::layered()})
    {
        const auto& network = model->network();
        const auto whole = open_object(model->root(), network.committee(), network.nodes()).value();
        PartReader reader{*model};
        auto& learned = *reader.view.commitments;
        const std::vector<std::uint64_t> some{0, 3, 17};
        ASSERT_TRUE(learned.learn(some));
        EXPECT_FALSE(learned.is_whole());
        for (const auto position : some)
            EXPECT_EQ(learned.at(position), whole.commitments->at(position));

        ASSERT_TRUE(learned.learn_all());

        ASSERT_TRUE(learned.is_whole());
        EXPECT_TRUE(std::ranges::equal(learned.codeword(), whole.commitments->codeword()));
        EXPECT_TRUE(std::ranges::equal(
            learned.group_parity_hashes(), whole.commitments->group_parity_hashes()));
    }
}

// Bytes of walks on one side, of all commitments on the other: the last that fits, one past it.
TEST(object_commitments, all_are_read_where_walks_would_be_more)
{
    auto& model = PublishedModel::layered();
    PartReader reader{model};
    auto& commitments = *reader.view.commitments;
    const auto& shape = reader.view.header.shape();
    const auto walks_max = MetadataSizes::of(shape).total() / FoldGeometry::of(shape).walk_bytes();
    ASSERT_LT(walks_max, shape.position_count() / FOLD_FIBER);
    ASSERT_TRUE(commitments.expect(FOLD_FIBER * walks_max));
    EXPECT_FALSE(commitments.is_whole());
    for (std::uint64_t fiber = 0; fiber <= walks_max; ++fiber)
    {
        EXPECT_FALSE(commitments.is_whole());
        ASSERT_TRUE(commitments.learn(std::array{fiber * FOLD_FIBER}));
    }
    EXPECT_TRUE(commitments.is_whole());

    PartReader other{model};
    ASSERT_TRUE(other.view.commitments->expect(FOLD_FIBER * (walks_max + 1)));
    EXPECT_TRUE(other.view.commitments->is_whole());
}

TEST(object_commitments, a_lost_blob_comes_from_its_group_by_walks)
{
    auto& model = PublishedModel::layered();
    auto& network = model.network();
    PartReader reader{model};
    const Placement placement{reader.view.header, network.committee()};
    network.stop(placement.holders(3)[0]);

    const auto read = reader.read(RANGE);

    network.start_all();
    EXPECT_EQ(read.value(), model.payload(RANGE.offset, RANGE.size));
    EXPECT_GE(reader.blobs.counts().group_repaired, 1u);
    EXPECT_EQ(reader.blobs.counts().decoded, 0u);
    EXPECT_FALSE(reader.view.commitments->is_whole());
}

// Nobody can judge a local parity before all hashes are there: what it gives is judged instead.
TEST(object_commitments, false_parities_are_found_out_by_what_they_give)
{
    auto& model = PublishedModel::layered();
    auto& network = model.network();
    PartReader probe{model};
    const auto& header = probe.view.header;
    const auto lost = Placement{header, network.committee()}.holders(3)[0];
    const auto honest = std::vector(network.nodes().begin(), network.nodes().end());
    std::vector<std::unique_ptr<FalseParities>> liars;
    for (std::size_t m = 0; m < honest.size(); ++m)
    {
        liars.push_back(std::make_unique<FalseParities>(*honest[m], header.shape().stored_count()));
        network.replace(m, *liars.back());
    }
    network.stop(lost);
    PartReader reader{model};

    const auto read = reader.read(RANGE);

    network.start_all();
    for (std::size_t m = 0; m < honest.size(); ++m)
        network.replace(m, *honest[m]);
    EXPECT_EQ(read.value(), model.payload(RANGE.offset, RANGE.size));
    EXPECT_TRUE(reader.view.commitments->is_whole());
    EXPECT_GE(reader.blobs.counts().decoded, 1u);
    EXPECT_FALSE(reader.blobs.false_answers().empty());
}

TEST(object_commitments, a_certificate_is_trusted_only_in_force)
{
    auto& model = PublishedModel::small();
    auto& network = model.network();
    const auto open = [&](std::uint64_t now) {
        return LightObject::open(model.root(), network.committee(), network.nodes(),
            CommitmentTrust::certificate, ManualClock{now});
    };
    EXPECT_TRUE(open(LocalNetwork::EXPIRY - 1));
    EXPECT_EQ(open(LocalNetwork::EXPIRY).error().kind, ErrorKind::unavailable);
}

TEST(directory_lookup, whole_and_searched_say_the_same)
{
    auto& model = PublishedModel::layered();
    PartReader reader{model};
    auto lookup = DirectoryLookup::open(reader.object, reader.blobs, no_progress()).value();
    auto search = DirectorySearch::open(reader.object).value();
    for (const auto& file : model.directory().files())
    {
        EXPECT_EQ(lookup.file(file.path).value(), file);
        EXPECT_EQ(search.file(file.path).value(), file);
    }
    for (const auto* absent : {"", "a", "model", "zz"})
    {
        EXPECT_EQ(lookup.file(absent).error().kind, ErrorKind::not_found);
        EXPECT_EQ(search.file(absent).error().kind, ErrorKind::not_found);
    }
    const auto& rows = model.rows();
    EXPECT_EQ(lookup.tensor("rows", "model.safetensors").value(), rows);
    EXPECT_EQ(search.tensor("rows", "model.safetensors").value(), rows);
    EXPECT_EQ(lookup.tensor("rows", "leading.bin").error().kind, ErrorKind::not_found);
    EXPECT_EQ(search.tensor("rows", "leading.bin").error().kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace ashlar::test
