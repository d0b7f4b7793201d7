#include "provenance/statement.hpp"

#include <gmock/gmock.h>
#include <sodium.h>

#include "base/hash.hpp"
#include "provenance/model_signature.hpp"
#include "tests/provenance/directory_of.hpp"

namespace ashlar
{
namespace
{

using test::directory_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct TestKey
{
    Bytes32 public_key{};
    Bytes64 secret_key{};

    TestKey()
    {
        const Bytes32 seed{std::byte{7}};
        crypto_sign_seed_keypair(reinterpret_cast<unsigned char*>(public_key.data()),
            reinterpret_cast<unsigned char*>(secret_key.data()),
            reinterpret_cast<const unsigned char*>(seed.data()));
    }

    [[nodiscard]] StatementSigner signer() const
    {
        return {.public_key = public_key, .sign = [this](ByteView message) {
                    Bytes64 out;
                    crypto_sign_detached(reinterpret_cast<unsigned char*>(out.data()), nullptr,
                        reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                        reinterpret_cast<const unsigned char*>(secret_key.data()));
                    return out;
                }};
    }
};

ProvenanceClaims some_claims()
{
    ProvenanceClaims claims{.license = "MIT", .parent_root = {}, .datasets = {}};
    claims.parent_root[0] = std::byte{1};
    claims.datasets.push_back({.name = "corpus", .uri = {}, .sha256 = {}});
    return claims;
}

const test::NamedContents STATED_FILES{
    {"a", "1"}, {"ashlar.intoto.json", "?"}, {"b", "2"}, {"model.sig", "?"}};

Bytes signed_file(const ProvenanceClaims& claims = some_claims())
{
    return sign_statement(
        make_statement(directory_of(STATED_FILES), claims).value(), TestKey{}.signer());
}

TEST(statement, open_gives_back_what_was_signed)
{
    for (const auto& claims : {some_claims(), ProvenanceClaims{}})
    {
        const auto opened = open_statement(signed_file(claims), directory_of(STATED_FILES)).value();
        EXPECT_EQ(opened.claims, claims);
        EXPECT_EQ(opened.public_key, TestKey{}.public_key);
        EXPECT_THAT(opened.mismatches, IsEmpty());
        EXPECT_EQ(opened.provenance_root(),
            provenance_root_of(make_statement(directory_of(STATED_FILES), claims).value()));
    }
}

TEST(statement, open_names_files_that_are_not_as_stated)
{
    const auto other = directory_of({{"a", "x"}, {"ashlar.intoto.json", "other"}, {"c", "3"}});
    EXPECT_THAT(open_statement(signed_file(), other)->mismatches,
        ElementsAre(
            "\"a\" is not as stated", "\"b\" is stated but not there", "\"c\" is not stated"));
}

TEST(statement, open_refuses_every_changed_byte_of_the_statement)
{
    const auto file = signed_file();
    auto json = parse_signed_json(file).value();
    auto payload = from_base64(json["payload"].get<std::string>()).value();
    for (std::size_t i = 0; i < payload.size(); ++i)
    {
        auto changed = payload;
        changed[i] ^= std::byte{1};
        json["payload"] = to_base64(changed);
        const auto opened = open_statement(as_byte_view(json.dump()), directory_of(STATED_FILES));
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().kind, ErrorKind::proof_invalid);
    }
}

/// An envelope that the key really signed, around any payload.
Bytes signed_payload(std::string_view payload)
{
    return sign_statement(as_byte_view(payload), TestKey{}.signer());
}

TEST(statement, open_refuses_signed_statements_of_another_form)
{
    const auto text = std::string{as_text(make_statement(directory_of(STATED_FILES), {}).value())};
    EXPECT_TRUE(open_statement(signed_payload(text), directory_of(STATED_FILES)));
    const auto replaced = [&](std::string_view from, std::string_view to) {
        auto out = text;
        out.replace(out.find(from), from.size(), to);
        return out;
    };
    for (const auto& bad :
        {" " + text, replaced(":", ": "), replaced("{}", R"({"note":"x"})"),
            replaced("Statement/v1", "Statement/v2"), replaced("provenance/v1", "provenance/v2"),
            replaced("{}", R"({"license":1})"), replaced("{}", R"({"parent":"0x12"})"),
            replaced("{}", R"({"datasets":[{"name":"x"}]})"), std::string{"{}"}, std::string{"[]"}})
    {
        const auto opened = open_statement(signed_payload(bad), directory_of(STATED_FILES));
        ASSERT_FALSE(opened) << bad;
        EXPECT_EQ(opened.error().kind, ErrorKind::invalid_input) << bad;
    }
}

TEST(statement, open_refuses_envelopes_that_break_a_rule)
{
    const auto good = parse_signed_json(signed_file()).value();
    const auto refused = [&](const auto& change) {
        auto json = good;
        change(json);
        return !open_statement(as_byte_view(json.dump()), directory_of(STATED_FILES));
    };
    EXPECT_FALSE(refused([](SignedJson&) {}));
    EXPECT_TRUE(refused([](SignedJson& j) { j["payloadType"] = "text/plain"; }));
    EXPECT_TRUE(refused([](SignedJson& j) { j["signatures"] = SignedJson::array(); }));
    EXPECT_TRUE(refused([](SignedJson& j) { j["signatures"].push_back(j["signatures"][0]); }));
    EXPECT_TRUE(refused([](SignedJson& j) { j["signatures"][0]["keyid"] = "rsa:00"; }));
    EXPECT_TRUE(refused([](SignedJson& j) { j["signatures"][0]["sig"] = "AAAA"; }));
    EXPECT_TRUE(refused([](SignedJson& j) { j["payload"] = 1; }));
    EXPECT_TRUE(refused([](SignedJson& j) { j = SignedJson::array({j}); }));
}

TEST(statement, parse_provenance_file_takes_known_members_alone)
{
    const auto parse = [](std::string_view text) {
        return parse_provenance_file(as_byte_view(text));
    };
    const auto digest = std::string(64, 'a');
    const auto claims = parse(
        fmt::format(
            R"({{"license":"MIT","datasets":[{{"name":"x","uri":"h:","sha256":"{}"}}]}})", digest))
                            .value();
    EXPECT_EQ(claims.license, "MIT");
    ASSERT_EQ(claims.datasets.size(), 1);
    EXPECT_EQ(to_hex(claims.datasets[0].sha256), digest);
    EXPECT_EQ(parse("{}").value(), ProvenanceClaims{});

    const auto misspelt = parse(R"({"licence":"MIT"})");
    ASSERT_FALSE(misspelt);
    EXPECT_THAT(misspelt.error().message, HasSubstr("licence"));
    for (const auto* text :
        {"[]", R"({"license":1})", R"({"datasets":{}})", R"({"datasets":[{"name":"x"}]})",
            R"({"datasets":[{"name":"x","sha256":"12"}]})", R"({"datasets":["x"]})"})
        EXPECT_FALSE(parse(text)) << text;
}

}  // namespace
}  // namespace ashlar
