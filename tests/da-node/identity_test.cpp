#include "da-node/identity.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "da-node/tls_certificate.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ashlar::test
{
namespace
{

constexpr auto ENDPOINT = "127.0.0.1:7400";

}  // namespace

TEST(identity, load_gives_what_init_made)
{
    const TemporaryFolder folder;
    const auto made = init_identity(folder.path(), ENDPOINT).value();
    const auto loaded = load_identity(folder.path()).value();
    EXPECT_EQ(loaded.key.to_bytes(), made.key.to_bytes());
    EXPECT_EQ(loaded.tls_key, made.tls_key);
    EXPECT_EQ(loaded.record.record, made.record.record);
    EXPECT_EQ(loaded.record.record.endpoint, ENDPOINT);
}

TEST(identity, init_again_keeps_keys_and_counts_new_endpoints)
{
    const TemporaryFolder folder;
    const auto first = init_identity(folder.path(), ENDPOINT).value();
    const auto same = init_identity(folder.path(), ENDPOINT).value();
    EXPECT_EQ(same.record.record, first.record.record);
    const auto moved = init_identity(folder.path(), "node.example:1").value();
    EXPECT_EQ(moved.key.to_bytes(), first.key.to_bytes());
    EXPECT_EQ(moved.record.record.sequence, 2u);
    EXPECT_EQ(load_identity(folder.path()).value().record.record, moved.record.record);
}

TEST(identity, init_refuses_what_is_no_endpoint)
{
    const TemporaryFolder folder;
    const std::vector<std::string> refused{
        "", "host", ":1", "host:", "\xff:1", std::string(254, 'a') + ":1"};
    for (const auto& endpoint : refused)
        EXPECT_FALSE(init_identity(folder.path(), endpoint)) << endpoint;
    EXPECT_TRUE(init_identity(folder.path(), std::string(253, 'a') + ":1"));
}

TEST(identity, load_refuses_keys_that_others_may_read)
{
    const TemporaryFolder folder;
    init_identity(folder.path(), ENDPOINT).value();
    for (const auto* name : {"bls.key", "tls.key"})
    {
        using std::filesystem::perms;
        const auto path = folder.path() / name;
        std::filesystem::permissions(path, perms::owner_read | perms::others_read);
        EXPECT_EQ(load_identity(folder.path()).error().kind, ErrorKind::invalid_input);
        std::filesystem::permissions(path, perms::owner_read);
        EXPECT_TRUE(load_identity(folder.path()));
    }
}

TEST(identity, load_refuses_files_that_do_not_belong_together)
{
    const TemporaryFolder folder;
    const TemporaryFolder other;
    init_identity(folder.path(), ENDPOINT).value();
    init_identity(other.path(), ENDPOINT).value();
    for (const auto* name : {"bls.key", "tls.key", "record.json"})
    {
        const auto own = contents_of(folder.path() / name);
        std::filesystem::copy_file(other.path() / name, folder.path() / name,
            std::filesystem::copy_options::overwrite_existing);
        EXPECT_EQ(load_identity(folder.path()).error().kind, ErrorKind::corrupted) << name;
        folder.write(name, own);
        EXPECT_TRUE(load_identity(folder.path())) << name;
    }
}

TEST(identity, load_without_identity_is_not_found)
{
    const TemporaryFolder folder;
    EXPECT_EQ(load_identity(folder.path()).error().kind, ErrorKind::not_found);
}

TEST(identity, load_refuses_malformed_files)
{
    const TemporaryFolder folder;
    init_identity(folder.path(), ENDPOINT).value();
    const auto record = contents_of(folder.path() / "record.json");
    for (const std::string text : {"", "{", "[]", "{}", R"({"sequence":"1"})"})
    {
        folder.write("record.json", text);
        EXPECT_EQ(load_identity(folder.path()).error().kind, ErrorKind::corrupted) << text;
    }
    folder.write("record.json", record);
    folder.write("bls.key", "12");
    EXPECT_EQ(load_identity(folder.path()).error().kind, ErrorKind::invalid_input);
}

TEST(identity, member_json_makes_a_committee)
{
    const TemporaryFolder folder;
    const auto identity = init_identity(folder.path(), ENDPOINT).value();
    const auto entry = nlohmann::json::parse(member_json(identity, Bytes32{std::byte{1}}));
    const auto bytes = [&](const char* name) { return entry.at(name).get<std::string>(); };
    const auto committee = Committee::make({.binding = {},
        .members = {{.key = identity.key.public_key(),
            .possession_proof = array_from_hex<96>(bytes("pop")).value(),
            .operator_id = array_from_hex<32>(bytes("operator")).value(),
            .weight = entry.at("weight").get<std::uint64_t>()}},
        .shards = {},
        .records = {identity.record}});
    ASSERT_TRUE(committee) << committee.error().message;
    EXPECT_EQ(bytes("pubkey"), "0x" + to_hex(identity.key.public_key().bytes()));
}

TEST(tls_certificate, key_of_another_certificate_is_refused)
{
    const auto a = make_tls_key_pair("a.node.ashlar").value();
    const auto b = make_tls_key_pair("b.node.ashlar").value();
    EXPECT_TRUE(check_tls_key_pair(a));
    EXPECT_FALSE(check_tls_key_pair({.key = a.key, .certificate = b.certificate}));
    EXPECT_FALSE(check_tls_key_pair({}));
}

}  // namespace ashlar::test
