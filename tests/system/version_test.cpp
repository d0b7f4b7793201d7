#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iostream>

#include <sys/stat.h>

#include "bench/made_checkpoint.hpp"
#include "tests/system/programs.hpp"

namespace ashlar::test
{
namespace
{

constexpr std::uint64_t MODEL_BYTES = 4 << 20;

std::uint64_t stored_on(const RunningDevnet& devnet)
{
    std::uint64_t total = 0;
    std::istringstream lines{devnet.command("status", {"--json"}).out};
    for (std::string line; std::getline(lines, line);)
    {
        const auto message = nlohmann::json::parse(line, nullptr, false);
        if (message.is_object() && message.value("message_type", "") == "node")
            total += message.at("stored_bytes").get<std::uint64_t>();
    }
    return total;
}

/// Changes the twentieth of a file's bytes that lies in its middle.
void change_a_twentieth(const std::filesystem::path& path, std::uint64_t of_bytes)
{
    auto contents = contents_of(path);
    const auto begin = contents.size() / 2;
    for (std::size_t i = 0; i < of_bytes / 20 && begin + i < contents.size(); ++i)
        contents[begin + i] = static_cast<char>(contents[begin + i] ^ 1);
    std::ofstream{path, std::ios::binary} << contents;
}

/// A devnet, a model and a key file of its own for each test.
class Versions : public testing::Test
{
protected:
    void SetUp() override
    {
        ASSERT_TRUE(make_checkpoint(model(), {.bytes = MODEL_BYTES}));
        const auto key = folder_.write("signer.key", std::string(63, '0') + "1\n");
        ASSERT_EQ(::chmod(key.c_str(), 0600), 0);
        folder_.write("claims.json",
            R"({"license": "Apache-2.0", "datasets": [{"name": "corpus", "sha256": ")" +
                std::string(64, 'a') + R"("}]})");
    }

    [[nodiscard]] std::filesystem::path model() const { return folder_.path() / "model"; }

    [[nodiscard]] ProgramRun publish(const std::vector<std::string>& more) const
    {
        std::vector<std::string> words{"publish", model(), "--committee", devnet_.committee(),
            "--key", folder_.path() / "key", "--sign", folder_.path() / "signer.key",
            "--provenance", folder_.path() / "claims.json", "--json"};
        words.insert(words.end(), more.begin(), more.end());
        return run_ashlar_program(words);
    }

    [[nodiscard]] ProgramRun ask(const std::string& command, const std::string& root,
        const std::vector<std::string>& more = {}) const
    {
        std::vector<std::string> words{command, root};
        words.insert(words.end(), more.begin(), more.end());
        words.insert(words.end(), {"--committee", devnet_.committee(), "--json"});
        return run_ashlar_program(words);
    }

    TemporaryFolder folder_;
    RunningDevnet devnet_{8};
};

TEST_F(Versions, second_version_sends_what_changed_and_both_are_stated)
{
    const auto first = publish({});
    ASSERT_EQ(first.status, 0) << first.err;
    const auto first_root = first.summary().at("root").get<std::string>();
    const auto stored_before = stored_on(devnet_);

    change_a_twentieth(model() / "model-00002-of-00004.safetensors", MODEL_BYTES);
    const auto second = publish({"--parent", first_root});
    ASSERT_EQ(second.status, 0) << second.err;
    const auto summary = second.summary();
    const auto second_root = summary.at("root").get<std::string>();
    const auto sent = summary.at("bytes_sent").get<std::uint64_t>();
    const auto placed = summary.at("raw_bytes").get<std::uint64_t>();
    const auto stored = stored_on(devnet_) - stored_before;
    std::cout << "second version, 5 % changed: " << placed << " bytes placed, " << sent << " sent, "
              << stored << " stored\n";
    EXPECT_EQ(stored, sent);
    // Parity is new; of the data blobs only those that changed, the statement's and the directory.
    const auto copies = summary.at("copies").get<std::uint64_t>();
    const auto data = summary.at("data_blobs").get<std::uint64_t>() * copies * 131'072;
    EXPECT_LE(sent, placed - data * 8 / 10);

    const auto log = ask("log", second_root);
    EXPECT_EQ(log.status, 0) << log.err;
    EXPECT_EQ(log.summary().at("versions"), 2);
    EXPECT_EQ(log.summary().at("complete"), true);
    EXPECT_EQ(log.first("version").at("root").get<std::string>(), second_root);
    EXPECT_EQ(log.first("version").at("parent_root").get<std::string>(), first_root);
    const auto cut = ask("log", second_root, {"--limit", "1"});
    EXPECT_EQ(cut.status, 3) << cut.err;
    EXPECT_EQ(cut.summary().at("complete"), false);
    EXPECT_EQ(ask("log", std::string(64, '1')).status, 1);
    const auto provenance = ask("provenance", second_root);
    EXPECT_EQ(provenance.status, 0) << provenance.out << provenance.err;
    EXPECT_EQ(provenance.summary().at("versions"), 2);
    EXPECT_EQ(provenance.summary().at("problems"), 0);
    EXPECT_EQ(provenance.first("statement").at("license"), "Apache-2.0");
    EXPECT_EQ(provenance.first("statement").at("parent_root"), first_root);

    const auto verified = ask("verify", second_root, {model()});
    EXPECT_EQ(verified.status, 0) << verified.out;
    const auto changed = ask("diff", first_root, {second_root});
    EXPECT_NE(changed.out.find("model-00002-of-00004.safetensors"), std::string::npos)
        << changed.out << changed.err;
    EXPECT_EQ(changed.out.find("model-00001-of-00004.safetensors"), std::string::npos);

    const auto fetched = (folder_.path() / "fetched").native();
    ASSERT_EQ(ask("fetch", second_root, {fetched}).status, 0);
    std::filesystem::remove(fetched + "/ashlar.intoto.json");
    EXPECT_EQ(tree_of(fetched), tree_of(model()));

    const auto cache = (folder_.path() / "cache").native();
    const auto cached = ask("fetch", second_root, {"--hf-cache", cache, "--repo", "org/model"});
    ASSERT_EQ(cached.status, 0) << cached.err;
    const auto snapshot = cached.first("snapshot");
    EXPECT_EQ(contents_of(cache + "/models--org--model/refs/main"),
        snapshot.at("commit").get<std::string>());
    const std::filesystem::path place{snapshot.at("path").get<std::string>()};
    for (const auto& [path, contents] : tree_of(model()))
        EXPECT_EQ(contents_of(place / path), contents) << path;
}

// All weights of a file change a little: what travels are differences, what lies there is not.
TEST_F(Versions, differences_to_the_parents_folder_are_short_and_a_wrong_folder_is_refused)
{
    const auto first = publish({});
    ASSERT_EQ(first.status, 0) << first.err;
    const auto first_root = first.summary().at("root").get<std::string>();
    const auto parent = (folder_.path() / "parent").native();
    ASSERT_EQ(ask("fetch", first_root, {parent}).status, 0);

    const auto shard = model() / "model-00002-of-00004.safetensors";
    auto contents = contents_of(shard);
    for (auto at = contents.size() / 10; at < contents.size(); at += 64)
        contents[at] = static_cast<char>(contents[at] ^ 1);
    std::ofstream{shard, std::ios::binary} << contents;
    const auto wrong = publish({"--parent", first_root, "--parent-folder", model()});
    EXPECT_EQ(wrong.status, 2);
    EXPECT_NE(wrong.err.find("--parent-folder"), std::string::npos) << wrong.err;

    const auto before = stored_on(devnet_);
    const auto second = publish({"--parent", first_root, "--parent-folder", parent});
    ASSERT_EQ(second.status, 0) << second.err;
    const auto summary = second.summary();
    const auto root = summary.at("root").get<std::string>();
    const auto sent = summary.at("bytes_sent").get<std::uint64_t>();
    const auto stored = stored_on(devnet_) - before;
    std::cout << "a file changed a little: " << sent << " sent, " << stored << " stored\n";
    EXPECT_LT(sent + contents.size() / 4, stored);
    const auto held = ask("inspect", root).summary();
    EXPECT_EQ(held.at("stored_bytes"), summary.at("stored_bytes"));
    EXPECT_LT(held.at("stored_bytes"), held.at("raw_bytes"));
    const auto fetched = (folder_.path() / "fetched").native();
    ASSERT_EQ(ask("fetch", root, {fetched}).status, 0);
    std::filesystem::remove(fetched + "/ashlar.intoto.json");
    EXPECT_EQ(tree_of(fetched), tree_of(model()));
}

TEST_F(Versions, publish_stops_at_a_model_signature_that_does_not_hold)
{
    folder_.write("model/model.sig", "{}");
    const auto published = publish({});
    EXPECT_EQ(published.status, 2);
    EXPECT_NE(published.err.find("model.sig"), std::string::npos) << published.err;
    EXPECT_EQ(publish({"--opaque", "model.sig"}).status, 0);
}

}  // namespace
}  // namespace ashlar::test
