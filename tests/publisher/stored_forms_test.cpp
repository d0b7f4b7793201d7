#include "publisher/stored_forms.hpp"

#include <deque>
#include <fstream>
#include <iostream>

#include <gtest/gtest.h>

#include "bench/made_checkpoint.hpp"
#include "tests/support/local_network.hpp"

namespace ashlar
{
namespace
{

using test::LocalNetwork;

constexpr std::uint64_t FORMS_MODEL_BYTES = 2 << 20;

/// The payload's bytes of a blob.
Bytes payload_blob(const Payload& payload, std::uint64_t data_blob)
{
    Bytes bytes(PAYLOAD_BYTES_PER_BLOB);
    EXPECT_TRUE(payload.read(data_blob * PAYLOAD_BYTES_PER_BLOB, bytes));
    return bytes;
}

Bytes decoded_form(ByteView form, const Bytes* parent = nullptr)
{
    Bytes bytes(PAYLOAD_BYTES_PER_BLOB);
    std::optional<PayloadBlob> parents;
    if (parent != nullptr)
        parents = ByteView{*parent}.first<PAYLOAD_BYTES_PER_BLOB>();
    EXPECT_TRUE(StoredFormDecoder{}.decode(
        form, parents, std::span{bytes}.first<PAYLOAD_BYTES_PER_BLOB>()));
    return bytes;
}

/// Changes the lowest bit of one byte in `step`, in the share of a file that lies in its middle.
void change_file(const std::filesystem::path& path, double share, std::size_t step)
{
    auto contents = test::contents_of(path);
    const auto count = static_cast<std::size_t>(share * static_cast<double>(contents.size()));
    const auto begin = (contents.size() - count) / 2;
    for (auto at = begin; at < begin + count; at += step)
        contents[at] = static_cast<char>(contents[at] ^ 1);
    std::ofstream{path, std::ios::binary} << contents;
}

struct Carried
{
    std::uint64_t pieces = 0;
    std::uint64_t bytes = 0;
};

/// The object's data blobs of these numbers as all nodes together keep them.
Carried data_at_rest(LocalNetwork& network, const ObjectHeader& header,
    const std::function<bool(std::uint64_t)>& is_counted)
{
    Carried sum;
    for (auto* const node : network.nodes())
    {
        auto pieces = node->holdings(header.root()).value().pieces;
        std::erase_if(
            pieces, [&](auto p) { return p >= header.shape().data_blobs() || !is_counted(p); });
        const auto count = [&](const CarriedPiece& piece) -> Result<void> {
            EXPECT_EQ(piece.form, PieceForm::stored);
            ++sum.pieces;
            sum.bytes += piece.bytes.size();
            return {};
        };
        EXPECT_TRUE(node->get_carried_pieces(header.root(), pieces, count));
    }
    return sum;
}

/// Counts what comes in stored form.
class FormCounter final : public test::ForwardingNode
{
public:
    explicit FormCounter(NodeApi& inner) : inner_{inner} {}

    [[nodiscard]] std::uint64_t form_bytes() const { return form_bytes_; }

    Result<void> put_pieces(const Bytes32& root, std::span<const CarriedPiece> pieces) override
    {
        for (const auto& piece : pieces)
            form_bytes_ += piece.form == PieceForm::stored ? piece.bytes.size() : 0;
        return inner_.put_pieces(root, pieces);
    }
    Result<void> get_carried_pieces(const Bytes32& root, std::span<const std::uint64_t> pieces,
        const CarriedSink& sink) override
    {
        return inner_.get_carried_pieces(root, pieces, sink);
    }

protected:
    Result<NodeApi*> target() override { return &inner_; }

private:
    NodeApi& inner_;
    std::atomic<std::uint64_t> form_bytes_{0};
};

std::uint64_t kept_by_all(LocalNetwork& network)
{
    std::uint64_t total = 0;
    for (auto* const node : network.nodes())
        total += node->status().value().stored_bytes;
    return total;
}

/// A model of bf16 weights on eight nodes.
class forms_of_versions : public ::testing::Test
{
protected:
    void SetUp() override
    {
        ASSERT_TRUE(make_checkpoint(model(), {.bytes = FORMS_MODEL_BYTES, .shards = 2}));
        std::filesystem::copy(model(), parent());
        first_ = publish({});
    }

    [[nodiscard]] std::filesystem::path model() const { return folder_.path() / "model"; }
    [[nodiscard]] std::filesystem::path parent() const { return folder_.path() / "parent"; }
    [[nodiscard]] std::filesystem::path shard() const
    {
        return model() / "model-00002-of-00002.safetensors";
    }

    std::unique_ptr<test::PublishedFolder> publish(const EncodeOptions& options)
    {
        auto done = test::publish_folder(network_, model(), options);
        EXPECT_TRUE(done) << done.error().message;
        return done ? std::move(*done) : nullptr;
    }

    void expect_fetched(const Bytes32& root)
    {
        const test::TemporaryFolder out;
        const auto fetched = test::fetch_all(network_, root, out.path() / "out");
        ASSERT_TRUE(fetched) << fetched.error().message;
        EXPECT_EQ(test::tree_of(out.path() / "out"), test::tree_of(model()));
    }

    test::TemporaryFolder folder_;
    LocalNetwork network_{8};
    std::unique_ptr<test::PublishedFolder> first_;
};

}  // namespace

TEST(stored_forms, decode_to_the_payload_and_are_made_once)
{
    const test::TemporaryFolder folder;
    const test::TemporaryFolder other;
    auto weights = test::pattern(3 * PAYLOAD_BYTES_PER_BLOB + 100, 1);
    other.write("weights.bin", weights);
    for (std::size_t at = 7; at < weights.size(); at += 1000)
        weights[at] = static_cast<char>(weights[at] ^ 1);
    folder.write("weights.bin", weights);
    const auto payload = Payload::from_folder(folder.path()).value();
    const auto parent = Payload::from_folder(other.path()).value();
    for (const std::uint64_t copies : {1u, 3u})
    {
        const auto forms = StoredForms::make({.payload = payload,
            .parent = &parent,
            .copies = copies,
            .scratch_folder = folder.path()});
        ASSERT_TRUE(forms);
        for (std::uint64_t blob = 0; blob < 5; ++blob)
        {
            const auto expected = payload_blob(payload, blob);
            const auto parents = payload_blob(parent, blob);
            const auto alone = (*forms)->form(blob, false).value();
            const auto against = (*forms)->form(blob, true).value();
            EXPECT_EQ(decoded_form(alone), expected);
            EXPECT_EQ(decoded_form(against, &parents), expected);
            EXPECT_LE(against.size(), alone.size());
            EXPECT_EQ((*forms)->form(blob, false).value(), alone);
            EXPECT_EQ((*forms)->form(blob, true).value(), against);
        }
        EXPECT_TRUE(summarize_stored_form((*forms)->form(0, true).value()).value().is_difference);
    }
}

TEST(stored_forms, sample_is_of_all_blobs_if_there_are_few)
{
    const test::TemporaryFolder folder;
    folder.write("weights.bin", std::string(10 * PAYLOAD_BYTES_PER_BLOB, '\0'));
    const auto payload = Payload::from_folder(folder.path()).value();
    const auto all = sample_forms(payload, 100).value();
    EXPECT_EQ(all.blobs, 11u);
    EXPECT_EQ(all.raw_bytes, 11 * BYTES_PER_BLOB);
    EXPECT_LT(all.ratio(), 0.01);
    EXPECT_EQ(sample_forms(payload, 4).value().blobs, 4u);
}

TEST_F(forms_of_versions, bf16_weights_at_rest_take_at_most_70_percent)
{
    // Blobs of weights and nothing else; their zero byte in front of each element is not counted.
    const auto is_weights = [&](std::uint64_t data_blob) {
        const auto begin = data_blob * PAYLOAD_BYTES_PER_BLOB;
        return std::ranges::any_of(first_->payload->directory().tensors(), [&](const auto& tensor) {
            return tensor.offset <= begin &&
                   begin + PAYLOAD_BYTES_PER_BLOB <= tensor.offset + tensor.size;
        });
    };
    const auto data = data_at_rest(network_, first_->object.header(), is_weights);
    ASSERT_GE(data.pieces, 5u);
    const auto share =
        static_cast<double>(data.bytes) / static_cast<double>(data.pieces * PAYLOAD_BYTES_PER_BLOB);
    std::cout << "bf16 normal weights at rest: " << 100 * share << " % of raw\n";
    EXPECT_LE(share, 0.70);
    EXPECT_EQ(first_->published.bytes_sent, kept_by_all(network_));
    expect_fetched(first_->root());
}

TEST_F(forms_of_versions, five_percent_changed_cost_what_changed)
{
    change_file(shard(), 0.10, 1);  // Half of the model is in it.
    const auto before = kept_by_all(network_);
    EncodeOptions options;
    options.parent = first_->object.header();
    const auto second = publish(options);
    const auto& shape = second->object.header().shape();
    std::uint64_t placed = 0;
    std::uint64_t sent = 0;
    for (const auto& member : second->published.members)
    {
        placed += member.pieces;
        sent += member.pieces_sent;
    }
    const auto stored = kept_by_all(network_) - before;
    std::cout << "second version, 5 % changed: " << placed * BYTES_PER_BLOB << " bytes placed, "
              << second->published.bytes_sent << " sent, " << stored << " stored\n";
    EXPECT_EQ(stored, second->published.bytes_sent);
    const auto changed = shape.data_blobs() / 20 + 5;
    EXPECT_GE(
        placed - sent, (shape.data_blobs() - changed) * second->object.header().fields().copies);
    expect_fetched(second->root());
}

// A little of every weight: differences are short, and what lies there stands alone.
TEST_F(forms_of_versions, differences_travel_to_nodes_that_have_the_parent)
{
    change_file(shard(), 0.99, 64);
    EncodeOptions options;
    options.parent = first_->object.header();
    const auto parent_payload = Payload::from_folder(parent()).value();
    options.parent_payload = &parent_payload;
    network_.wipe(0);  // Has no parent: it gets forms that stand alone.
    std::deque<FormCounter> counters;
    for (std::size_t m = 0; m < network_.nodes().size(); ++m)
        network_.replace(m, counters.emplace_back(*network_.nodes()[m]));
    const auto second = publish(options);
    const auto data =
        data_at_rest(network_, second->object.header(), [](std::uint64_t) { return true; });
    std::uint64_t sent = 0;
    for (std::size_t m = 1; m < counters.size(); ++m)
        sent += counters[m].form_bytes();
    std::cout << "all of half the weights changed a little: " << sent
              << " bytes of data sent to seven nodes, " << data.bytes << " stored\n";
    EXPECT_LT(sent, data.bytes / 4);
    for (std::size_t m = 0; m < network_.nodes().size(); ++m)
        network_.restart(m);
    expect_fetched(second->root());
}

}  // namespace ashlar
