// Ethereum's BLS vectors. Every case is run and counted; one that cannot be read is a failure,
// and so is a suite that this file does not know.

#include <functional>
#include <iostream>
#include <map>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "algebra/bls_signature.hpp"
#include "base/file.hpp"
#include "tests/support/vectors.hpp"

namespace ashlar
{
namespace
{

using Json = nlohmann::json;

/// Hexadecimal output, or empty for a check that holds.
using Suite = std::function<Result<std::string>(const Json& input)>;

template <std::size_t N>
Result<ByteArray<N>> sized(const Json& value)
{
    return array_from_hex<N>(value.get<std::string>());
}

Bytes message_of(const Json& value)
{
    return from_hex(value.get<std::string>()).value();
}

Result<BlsPublicKey> parse_key(const Json& value)
{
    ASHLAR_TRY(const auto bytes, sized<48>(value));
    return BlsPublicKey::parse(bytes);
}

Result<BlsSignature> parse_signature(const Json& value)
{
    ASHLAR_TRY(const auto bytes, sized<96>(value));
    return BlsSignature::parse(bytes);
}

Result<std::vector<BlsPublicKey>> parse_keys(const Json& values)
{
    std::vector<BlsPublicKey> out;
    for (const auto& value : values)
    {
        ASHLAR_TRY(const auto key, parse_key(value));
        out.push_back(key);
    }
    return out;
}

Result<std::string> aggregate(const Json& input)
{
    std::vector<BlsSignature> signatures;
    for (const auto& value : input)
    {
        ASHLAR_TRY(const auto signature, parse_signature(value));
        signatures.push_back(signature);
    }
    ASHLAR_TRY(const auto sum, aggregate_signatures(signatures));
    return "0x" + to_hex(sum.bytes());
}

/// Every set on its own: Ashlar has no batched form.
Result<std::string> verify_batch(const Json& input)
{
    ASHLAR_TRY(const auto keys, parse_keys(input.at("pubkeys")));
    for (std::size_t i = 0; i < keys.size(); ++i)
    {
        ASHLAR_TRY(const auto signature, parse_signature(input.at("signatures").at(i)));
        ASHLAR_CHECK(verify_signature(keys[i], message_of(input.at("messages").at(i)), signature));
    }
    return "";
}

Result<std::string> decompress_g1(const Json& input)
{
    ASHLAR_TRY(const auto bytes, sized<48>(input.at("pubkey")));
    ASHLAR_CHECK(G1Affine::decompress(bytes));
    return "";
}

Result<std::string> decompress_g2(const Json& input)
{
    ASHLAR_TRY(const auto bytes, sized<96>(input.at("signature")));
    ASHLAR_CHECK(G2Affine::decompress(bytes));
    return "";
}

Result<std::string> verify_many_keys(const Json& input)
{
    ASHLAR_TRY(const auto keys, parse_keys(input.at("pubkeys")));
    ASHLAR_TRY(const auto signature, parse_signature(input.at("signature")));
    ASHLAR_CHECK(verify_aggregate(keys, message_of(input.at("message")), signature));
    return "";
}

Result<std::string> sign(const Json& input)
{
    ASHLAR_TRY(const auto bytes, sized<32>(input.at("privkey")));
    ASHLAR_TRY(const auto key, BlsSecretKey::parse(bytes));
    return "0x" + to_hex(key.sign(message_of(input.at("message"))).bytes());
}

Result<std::string> verify_one(const Json& input)
{
    ASHLAR_TRY(const auto key, parse_key(input.at("pubkey")));
    ASHLAR_TRY(const auto signature, parse_signature(input.at("signature")));
    ASHLAR_CHECK(verify_signature(key, message_of(input.at("message")), signature));
    return "";
}

const std::map<std::string, Suite> SUITES = {
    {"aggregate", aggregate},
    {"batch_verify", verify_batch},
    {"deserialization_G1", decompress_g1},
    {"deserialization_G2", decompress_g2},
    {"fast_aggregate_verify", verify_many_keys},
    {"sign", sign},
    {"verify", verify_one},
};

/// Suites of functions that Ashlar does not have, and why.
const std::map<std::string, std::string> NOT_EXPOSED = {
    {"aggregate_verify", "all members sign one message"},
    {"hash_to_G2", "internal to signing; its suite has a tag of its own"},
};

/// Cases where Ashlar is stricter than the vectors: they allow the infinite signature as an
/// aggregate, which no set of honest keys makes and nothing verifies.
const std::set<std::string> STRICTER = {"aggregate_infinity_signature"};

/// Empty if the result is what the vector says, else what is wrong. The vectors say false both of
/// malformed inputs and of false claims, and null where there is no output.
std::string judge(const Result<std::string>& result, const Json& expected, bool stricter)
{
    const bool must_fail = stricter || expected.is_null() || expected == Json(false);
    if (must_fail)
        return result ? "succeeded, but must not" : "";
    if (!result)
        return "failed: " + result.error().message;
    const auto wanted = expected.is_string() ? expected.get<std::string>() : "";
    return *result == wanted ? "" : "another answer";
}

std::string run_case(const Suite& suite, const std::filesystem::path& path)
try
{
    const auto bytes = read_file(path, 1 << 20).value();
    const auto data = Json::parse(as_text(bytes));
    const bool stricter = STRICTER.contains(path.stem().native());
    return judge(suite(data.at("input")), data.at("output"), stricter);
}
catch (const std::exception& error)
{
    return fmt::format("cannot be read: {}", error.what());
}

void run_suite(const std::filesystem::path& folder, const Suite& suite)
{
    std::size_t count = 0;
    std::size_t passed = 0;
    for (const auto& path : test::sorted_entries(folder))
    {
        const auto wrong = run_case(suite, path);
        ++count;
        passed += wrong.empty() ? 1 : 0;
        EXPECT_EQ(wrong, "") << path;
    }
    EXPECT_GT(count, 0U) << folder << " is empty";
    std::cout << fmt::format("{}: {} passed of {}\n", folder.filename().native(), passed, count);
}

TEST(bls_vectors, every_suite_agrees)
{
    const auto folder = test::vectors_folder("bls");
    if (!folder)
        return;
    std::set<std::string> seen;
    for (const auto& suite_folder : test::sorted_entries(*folder))
    {
        const auto name = suite_folder.filename().native();
        seen.insert(name);
        if (const auto known = SUITES.find(name); known != SUITES.end())
            run_suite(suite_folder, known->second);
        else if (const auto unused = NOT_EXPOSED.find(name); unused != NOT_EXPOSED.end())
            std::cout << fmt::format("{}: not exposed: {}\n", name, unused->second);
        else
            ADD_FAILURE() << "unknown suite " << name;
    }
    for (const auto& [name, suite] : SUITES)
        EXPECT_TRUE(seen.contains(name)) << "missing suite " << name;
}

}  // namespace
}  // namespace ashlar
