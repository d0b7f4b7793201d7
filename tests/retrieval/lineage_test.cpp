#include "retrieval/lineage.hpp"

#include <map>

#include <gtest/gtest.h>

#include "checkpoint/directory_diff.hpp"
#include "tests/support/local_network.hpp"

namespace ashlar
{
namespace
{

/// A node that knows headers alone.
class HeaderNode final : public test::ForwardingNode
{
public:
    /// @return  the root of a header whose parent is `parent`.
    Bytes32 add(const Bytes32& parent)
    {
        HeaderFields fields;
        fields.payload_bytes = 8;
        fields.data_blobs = 1;
        fields.parity_blobs = 15;
        fields.parent_root = parent;
        fields.commitments_root[0] = static_cast<std::byte>(headers_.size());
        fields.placement_seed = default_placement_seed(fields.commitments_root);
        const auto header = ObjectHeader::make(fields).value();
        headers_.emplace(header.root(), header.bytes());
        return header.root();
    }

    Result<ObjectInfo> object(const Bytes32& root) override
    {
        const auto found = headers_.find(root);
        if (found == headers_.end())
            return fail(ErrorKind::not_found, "unknown");
        ObjectInfo info{.header = found->second, .certificate = {}};
        if (lies)
            info.header[40] ^= std::byte{1};
        return info;
    }

    bool lies = false;

protected:
    Result<NodeApi*> target() override { return fail(ErrorKind::unavailable, "headers alone"); }

private:
    std::map<Bytes32, HeaderBytes> headers_;
};

std::vector<Bytes32> roots_of(const Lineage& lineage)
{
    std::vector<Bytes32> roots;
    for (const auto& header : lineage.headers)
        roots.push_back(header.root());
    return roots;
}

TEST(lineage, read_follows_parents_to_the_first)
{
    HeaderNode node;
    const auto first = node.add({});
    const auto second = node.add(first);
    const auto third = node.add(second);
    NodeApi* const nodes[] = {nullptr, &node};

    const auto lineage = read_lineage(third, nodes, 3).value();
    EXPECT_EQ(roots_of(lineage), (std::vector{third, second, first}));
    EXPECT_FALSE(lineage.broken_by);

    const auto cut = read_lineage(third, nodes, 2).value();
    EXPECT_EQ(roots_of(cut), (std::vector{third, second}));
    ASSERT_TRUE(cut.broken_by);
    EXPECT_EQ(cut.broken_by->kind, ErrorKind::insufficient);
}

TEST(lineage, read_says_where_a_parent_is_unknown)
{
    HeaderNode node;
    Bytes32 nowhere{};
    nowhere[5] = std::byte{7};
    const auto orphan = node.add(nowhere);
    NodeApi* const nodes[] = {&node};

    const auto lineage = read_lineage(orphan, nodes, 10).value();
    EXPECT_EQ(roots_of(lineage), (std::vector{orphan}));
    ASSERT_TRUE(lineage.broken_by);
    EXPECT_EQ(lineage.broken_by->kind, ErrorKind::not_found);

    EXPECT_EQ(read_lineage(nowhere, nodes, 10).error().kind, ErrorKind::not_found);
    NodeApi* const silent[] = {&node, nullptr};
    EXPECT_EQ(read_lineage(nowhere, silent, 10).error().kind, ErrorKind::unavailable);
}

TEST(lineage, read_believes_no_header_but_the_one_asked_for)
{
    HeaderNode honest;
    HeaderNode liar;
    const auto first = honest.add({});
    const auto second = honest.add(first);
    liar.add({});
    liar.add(first);
    liar.lies = true;
    NodeApi* const nodes[] = {&liar, &honest};

    const auto lineage = read_lineage(second, nodes, 10).value();
    EXPECT_EQ(lineage.headers.size(), 2);
    EXPECT_EQ(lineage.false_answers.size(), 2);
    liar.lies = false;
}

std::string model(std::string_view first, std::string_view second)
{
    const auto header = fmt::format(R"({{"a":{{"dtype":"U8","shape":[{}],"data_offsets":[0,{}]}},)"
                                    R"("b":{{"dtype":"U8","shape":[{}],"data_offsets":[{},{}]}}}})",
        first.size(), first.size(), second.size(), first.size(), first.size() + second.size());
    std::string out{as_text(little_endian(std::uint64_t{header.size()}))};
    return out + header + std::string{first} + std::string{second};
}

// Two published versions: commitments alone tell which tensor changed.
TEST(lineage, published_versions_differ_where_their_commitments_do)
{
    test::LocalNetwork network{4};
    const auto first_tensor = test::pattern(3 * PAYLOAD_BYTES_PER_BLOB, 1);
    auto second_tensor = test::pattern(2 * PAYLOAD_BYTES_PER_BLOB, 2);
    std::vector<ObjectView> views;
    std::vector<Directory> directories;
    for (int version = 0; version < 2; ++version)
    {
        const test::TemporaryFolder folder;
        folder.write("config.json", "{}");
        folder.write("model.safetensors", model(first_tensor, second_tensor));
        const auto object = test::publish_folder(network, folder.path()).value();
        views.push_back(open_object(object->root(), network.committee(), network.nodes()).value());
        auto blobs =
            BlobFetcher::make(views.back(), network.committee(), network.nodes(), {}).value();
        directories.push_back(fetch_directory(views.back(), blobs, no_progress()).value());
        EXPECT_LE(blobs.counts().fetched, 1) << "weights were fetched";
        second_tensor.back() ^= 1;
        second_tensor[PAYLOAD_BYTES_PER_BLOB] ^= 1;
    }
    const auto diff =
        diff_directories(directories[0], directories[1], [&](std::uint64_t a, std::uint64_t b) {
            return views[0].commitments->at(a) == views[1].commitments->at(b);
        });
    ASSERT_EQ(diff.files.size(), 1);
    EXPECT_EQ(diff.files[0].path, "model.safetensors");
    ASSERT_EQ(diff.tensors.size(), 1);
    EXPECT_EQ(diff.tensors[0].name, "b");
    EXPECT_EQ(diff.tensors[0].content, ContentChange::changed);
    EXPECT_EQ(diff.unchanged_tensors, 1);
}

}  // namespace
}  // namespace ashlar
