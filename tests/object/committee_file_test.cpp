#include <functional>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "object/committee.hpp"
#include "tests/object/fixtures.hpp"

namespace ashlar
{
namespace
{

using Json = nlohmann::ordered_json;

/// Three members on a chain, two with records.
const Committee& sample()
{
    static const auto committee = [] {
        const auto plain = test::equal_committee(3);
        Committee::Parts parts{.binding = {.chain_id = ~std::uint64_t{0}, .registry = {}},
            .members = plain.members(),
            .shards = plain.shards(),
            .records = {}};
        parts.binding.registry[19] = std::byte{0xab};
        parts.records.resize(3);
        parts.records[0] = test::signed_record(0, {.sequence = ~std::uint64_t{0},
                                                      .endpoint = "node0.example.org:7400",
                                                      .tls_certificate = "-----BEGIN\n-----END\n"});
        parts.records[2] = test::signed_record(
            2, {.sequence = 1, .endpoint = "[::1]:7402 \"ü\"\n", .tls_certificate = {}});
        return Committee::make(std::move(parts)).value();
    }();
    return committee;
}

Json sample_json()
{
    return Json::parse(sample().to_json());
}

void expect_refused(
    std::string_view text, std::string_view word, ErrorKind kind = ErrorKind::invalid_input)
{
    const auto committee = Committee::parse_json(text);
    ASSERT_FALSE(committee) << word;
    EXPECT_EQ(committee.error().kind, kind) << committee.error().message;
    EXPECT_NE(committee.error().message.find(word), std::string::npos)
        << "wanted: " << word << "\ngot: " << committee.error().message;
}

/// The sample file with its first `from` replaced: for what no JSON library would write.
std::string with_text(std::string_view from, std::string_view to)
{
    auto text = sample().to_json();
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

TEST(committee_file, parse_gives_back_what_was_written)
{
    const auto text = sample().to_json();
    const auto parsed = Committee::parse_json(text);

    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(parsed->root(), sample().root());
    EXPECT_EQ(parsed->binding(), sample().binding());
    EXPECT_EQ(parsed->shards(), sample().shards());
    EXPECT_EQ(parsed->record(0)->record, sample().record(0)->record);
    EXPECT_FALSE(parsed->record(1));
    EXPECT_EQ(parsed->record(2)->record, sample().record(2)->record);
    EXPECT_EQ(parsed->to_json(), text);
}

TEST(committee_file, parse_takes_any_spacing_key_order_and_hex_case)
{
    const nlohmann::json sorted = nlohmann::json::parse(sample().to_json());
    EXPECT_TRUE(Committee::parse_json("\n " + sorted.dump(3) + "\n"));

    auto upper = sample_json();
    auto digits = to_hex(sample().root());
    std::ranges::transform(digits, digits.begin(),
        [](char c) { return c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c; });
    upper["committee_root"] = "0x" + digits;
    EXPECT_TRUE(Committee::parse_json(upper.dump()));
}

TEST(committee_file, parse_takes_a_table_of_the_files_own)
{
    auto parts = Committee::Parts{.binding = {},
        .members = sample().members(),
        .shards = std::vector<std::uint16_t>(SHARD_COUNT, 1),
        .records = {}};
    const auto committee = Committee::make(std::move(parts)).value();
    const auto parsed = Committee::parse_json(committee.to_json());

    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->shards(), committee.shards());
    EXPECT_EQ(parsed->root(), committee.root());
}

TEST(committee_file, parse_refuses_missing_and_unknown_keys)
{
    for (const auto* key :
        {"format", "chain_id", "registry", "committee_root", "members", "shards", "records"})
    {
        auto json = sample_json();
        json.erase(key);
        expect_refused(json.dump(), fmt::format("the file lacks the key \"{}\"", key));
    }
    auto json = sample_json();
    json["extra"] = 1;
    expect_refused(json.dump(), "the file has an unknown key \"extra\"");

    json = sample_json();
    json["members"][1].erase("pop");
    expect_refused(json.dump(), "members[1] lacks the key \"pop\"");
    json["members"][1]["proof"] = "0x";
    expect_refused(json.dump(), "members[1] has an unknown key \"proof\"");

    json = sample_json();
    json["records"][1].erase("sequence");
    expect_refused(json.dump(), "records[1] lacks the key \"sequence\"");
}

TEST(committee_file, parse_refuses_repeated_keys)
{
    expect_refused(
        with_text("\"chain_id\":", "\"chain_id\":0,\"chain_id\":"), "the key \"chain_id\" twice");
    expect_refused(
        with_text("\"weight\":1", "\"weight\":1,\"weight\":2"), "the key \"weight\" twice");
    // The same key after its escapes are resolved.
    expect_refused(
        with_text("\"weight\":1", "\"weight\":1,\"\\u0077eight\":1"), "the key \"weight\" twice");
}

TEST(committee_file, parse_refuses_inexact_integers)
{
    for (const auto* number : {"1.0", "1e0", "1E3", "18446744073709551616", "1e400", "-1", "-0"})
    {
        const auto text = with_text("\"weight\":1", fmt::format("\"weight\":{}", number));
        const auto committee = Committee::parse_json(text);
        ASSERT_FALSE(committee) << number;
        EXPECT_EQ(committee.error().kind, ErrorKind::invalid_input);
    }
    expect_refused(with_text("\"weight\":1", "\"weight\":1.5"), "1.5, not an integer");
    expect_refused(with_text("\"weight\":1", "\"weight\":-1"), "a negative number");
    expect_refused(with_text("\"weight\":1", "\"weight\":01"), "a syntax error at byte");
    expect_refused(with_text("\"weight\":1", "\"weight\":+1"), "a syntax error at byte");
    expect_refused(with_text("\"weight\":1", "\"weight\":NaN"), "a syntax error at byte");
    expect_refused(with_text("\"weight\":1", "\"weight\":true"), "true or false");
    expect_refused(with_text("\"weight\":1", "\"weight\":null"), "null");
    expect_refused(with_text("\"weight\":1", "\"weight\":\"1\""), "members[0].weight is not an");
    expect_refused(with_text("\"weight\":1", "\"weight\":\"\""), "members[0].weight is not an");
}

TEST(committee_file, parse_refuses_wrong_values_naming_the_field)
{
    struct Case
    {
        std::string_view word;
        std::function<void(Json&)> spoil;
    };
    const std::string zeros(192, '0');
    const std::vector<Case> cases{
        {"format is \"ashlar/committee/v2\"", [](auto& j) { j["format"] = "ashlar/committee/v2"; }},
        {"format is not a string", [](auto& j) { j["format"] = 1; }},
        {"chain_id is not an integer", [](auto& j) { j["chain_id"] = "0"; }},
        {"registry is not 0x", [](auto& j) { j["registry"] = "0x00"; }},
        {"registry is not 0x", [](auto& j) { j["registry"] = std::string(40, '0'); }},
        {"registry is not 0x", [](auto& j) { j["registry"] = "0x" + std::string(39, '0') + "g"; }},
        {"registry is not 0x", [](auto& j) { j["registry"] = "0X" + std::string(40, '0'); }},
        {"committee_root is 0x00",
            [](auto& j) { j["committee_root"] = "0x" + std::string(64, '0'); }},
        {"members is empty", [](auto& j) { j["members"] = Json::array(); }},
        {"members is not a list", [](auto& j) { j["members"] = Json::object(); }},
        {"members[0] is not a JSON object", [](auto& j) { j["members"][0] = 1; }},
        {"members[2].pubkey is not 0x", [](auto& j) { j["members"][2]["pubkey"] = "0x"; }},
        {"members[2].pubkey",
            [&](auto& j) { j["members"][2]["pubkey"] = "0xc0" + zeros.substr(0, 94); }},
        {"members[2].pubkey",
            [&](auto& j) { j["members"][2]["pubkey"] = "0x" + zeros.substr(96); }},
        {"members[0].pop is not a string", [](auto& j) { j["members"][0]["pop"] = 7; }},
        {"members[1].operator is not 0x", [](auto& j) { j["members"][1]["operator"] = "0x01"; }},
        {"member 1 has no weight", [](auto& j) { j["members"][1]["weight"] = 0; }},
        {"the same key", [](auto& j) { j["members"][1] = j["members"][0]; }},
        {"shards is not a list", [](auto& j) { j["shards"] = "0"; }},
        {"shards is a list of 0", [](auto& j) { j["shards"] = Json::array(); }},
        {"shards is a list of 4095", [](auto& j) { j["shards"].erase(0); }},
        {"shards is not a list of at most 4096", [](auto& j) { j["shards"].push_back(0); }},
        {"shards[7] is not a member", [](auto& j) { j["shards"][7] = "0"; }},
        {"shards[7] is not a member", [](auto& j) { j["shards"][7] = 65'536; }},
        {"shard 7 is on member 3", [](auto& j) { j["shards"][7] = 3; }},
        {"records[0].member is not an integer from 0 to 2",
            [](auto& j) { j["records"][0]["member"] = 3; }},
        {"records[1] is the second of member 0", [](auto& j) { j["records"][1]["member"] = 0; }},
        {"records is not a list of at most 3",
            [](auto& j) {
                j["records"] = Json::array({1, 1, 1, 1});
            }},
        {"records[1].endpoint is not a string", [](auto& j) { j["records"][1]["endpoint"] = 1; }},
        {"records[1].signature is not 0x", [](auto& j) { j["records"][1]["signature"] = "0x"; }},
    };
    for (const auto& [word, spoil] : cases)
    {
        auto json = sample_json();
        spoil(json);
        expect_refused(json.dump(), word);
    }
}

TEST(committee_file, parse_refuses_false_proofs)
{
    auto json = sample_json();
    json["members"][1]["pop"] = json["members"][0]["pop"];
    expect_refused(json.dump(), "member 1", ErrorKind::proof_invalid);

    json = sample_json();
    json["records"][0]["endpoint"] = "evil.example.org:7400";
    expect_refused(json.dump(), "member 0", ErrorKind::proof_invalid);

    json = sample_json();
    json["members"][0]["weight"] = 2;
    expect_refused(json.dump(), "committee_root is 0x" + to_hex(sample().root()));
}

TEST(committee_file, parse_refuses_what_is_not_one_json_object)
{
    const auto text = sample().to_json();
    for (const auto& bad : {std::string{}, std::string{"\n"}, std::string{"{"}, text + "{}",
             text + "x", "//\n" + text})
        expect_refused(bad, "a syntax error at byte");
    for (const auto* bad : {"[]", "1", "\"\""})
        expect_refused(bad, "the file is not a JSON object");
    expect_refused(text + '\0', "not JSON text");
    expect_refused("\xef\xbb\xbf" + text, "not JSON text");
    expect_refused(with_text("node0", "\xff"), "a syntax error at byte");
    expect_refused(with_text("node0", "\\ud800"), "a syntax error at byte");
}

TEST(committee_file, parse_refuses_every_cut)
{
    const auto text = sample().to_json();
    for (std::size_t size = 0; size + 1 < text.size(); size += 97)
        expect_refused(std::string_view{text}.substr(0, size), "a syntax error at byte");
    expect_refused(std::string_view{text}.substr(0, text.size() - 2), "a syntax error at byte");
}

TEST(committee_file, parse_stops_at_depth_and_at_too_many_values)
{
    expect_refused(std::string(1 << 20, '['), "deeper nesting");
    expect_refused(with_text("\"weight\":1", "\"weight\":[1]"), "deeper nesting");

    std::string many = "{\"members\":[0";
    for (std::size_t i = 0; i < 60'000; ++i)
        many += ",0";
    expect_refused(many, "more values");
}

TEST(committee_file, parse_refuses_text_beyond_the_limit)
{
    expect_refused(std::string(COMMITTEE_FILE_BYTES_MAX + 1, 'x'), "more than a committee file");
    expect_refused(std::string(COMMITTEE_FILE_BYTES_MAX, 'x'), "a syntax error at byte");
}

}  // namespace
}  // namespace ashlar
