#include "cli/devnet_identity.hpp"

#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace ashlar
{
namespace
{

nlohmann::json member_entry()
{
    Bytes32 secret{};
    secret.back() = std::byte{5};
    const auto key = BlsSecretKey::parse(secret).value();
    const auto hex = [](ByteView bytes) { return "0x" + to_hex(bytes); };
    const NodeRecord record{.sequence = 1, .endpoint = "127.0.0.1:5000", .tls_certificate = "PEM"};
    return {{"pubkey", hex(key.public_key().bytes())}, {"pop", hex(key.prove_possession().bytes())},
        {"operator", hex(Bytes32{})}, {"weight", 1},
        {"record", {{"sequence", 1}, {"endpoint", record.endpoint}, {"certificate", "PEM"},
                       {"signature",
                           hex(key.sign(node_record_digest(key.public_key(), record)).bytes())}}}};
}

TEST(parse_identity, entry_makes_a_valid_committee)
{
    auto identity = parse_identity(member_entry().dump()).value();
    Committee::Parts parts;
    parts.members.push_back(identity.member);
    parts.records.emplace_back(identity.record);
    const auto committee = Committee::make(std::move(parts));
    ASSERT_TRUE(committee) << committee.error().message;
    EXPECT_EQ(committee->record(0)->record.endpoint, "127.0.0.1:5000");
}

TEST(parse_identity, any_missing_or_wrong_field_is_an_error)
{
    const auto whole = member_entry();
    for (const auto& [key, value] : whole.items())
    {
        auto entry = whole;
        entry.erase(key);
        EXPECT_FALSE(parse_identity(entry.dump())) << key;
        entry[key] = nullptr;
        EXPECT_FALSE(parse_identity(entry.dump())) << key;
    }
    EXPECT_FALSE(parse_identity(""));
    EXPECT_FALSE(parse_identity("[]"));
}

TEST(choose_ports, kernel_gives_distinct_ports)
{
    const auto ports = choose_ports(32, 0).value();
    EXPECT_EQ(std::set<std::uint16_t>(ports.begin(), ports.end()).size(), 32u);
    EXPECT_FALSE(std::ranges::count(ports, 0));
}

TEST(choose_ports, base_port_must_leave_room)
{
    EXPECT_EQ(choose_ports(2, 65'535).error().kind, ErrorKind::invalid_input);
    // One port is free or taken, but in range.
    const auto last = choose_ports(1, 65'535);
    EXPECT_TRUE(last || last.error().message.find("taken") != std::string::npos);
}

}  // namespace
}  // namespace ashlar
