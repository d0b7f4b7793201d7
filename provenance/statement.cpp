#include "provenance/statement.hpp"

#include <algorithm>

#include <sodium.h>

#include "base/hash.hpp"
#include "base/log.hpp"
#include "provenance/model_signature.hpp"

namespace ashlar
{
namespace
{

constexpr std::string_view KEY_ID_BEGIN = "ed25519:";
constexpr std::string_view HEX_BEGIN = "0x";

const unsigned char* raw(ByteView bytes) noexcept
{
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

bool is_stated(std::string_view path) noexcept
{
    return path != STATEMENT_FILE && path != MODEL_SIGNATURE_FILE;
}

/// @return  invalid_input unless the value is an object with no members but these.
Result<void> check_members(
    const SignedJson& value, std::initializer_list<std::string_view> names, std::string_view what)
{
    if (!value.is_object())
        return fail(ErrorKind::invalid_input, "{} is no JSON object", what);
    for (const auto& [key, item] : value.items())
    {
        if (std::ranges::find(names, std::string_view{key}) == names.end())
            return fail(
                ErrorKind::invalid_input, "{} has the unknown member \"{}\"", what, printable(key));
    }
    return {};
}

/// A member that is a string or missing.
Result<std::string> optional_text(const SignedJson& value, std::string_view name)
{
    const auto& found = member(value, name);
    if (!found.is_null() && !found.is_string())
        return fail(ErrorKind::invalid_input, "\"{}\" is no string", name);
    return text_member(value, name);
}

/// @param digest_of  Where a dataset's SHA-256 stands in it.
Result<std::vector<Dataset>> read_datasets(const SignedJson& list,
    std::initializer_list<std::string_view> names,
    const std::function<std::string(const SignedJson&)>& digest_of)
{
    std::vector<Dataset> datasets;
    if (list.is_null())
        return datasets;
    if (!list.is_array() || list.size() > DATASETS_MAX)
        return fail(
            ErrorKind::invalid_input, "\"datasets\" is no list of at most {}", DATASETS_MAX);
    for (const auto& item : list)
    {
        ASHLAR_CHECK(check_members(item, names, "a dataset"));
        ASHLAR_TRY(auto name, optional_text(item, "name"));
        ASHLAR_TRY(auto uri, optional_text(item, "uri"));
        const auto digest = array_from_hex<32>(digest_of(item));
        if (name.empty() || !digest)
            return fail(ErrorKind::invalid_input, "a dataset needs a name and a SHA-256");
        datasets.push_back({.name = std::move(name), .uri = std::move(uri), .sha256 = *digest});
    }
    return datasets;
}

SignedJson digest_json(const Bytes32& sha256)
{
    return {{"sha256", to_hex(sha256)}};
}

SignedJson predicate_json(const ProvenanceClaims& claims)
{
    auto predicate = SignedJson::object();
    if (!claims.license.empty())
        predicate["license"] = claims.license;
    if (!is_zero(claims.parent_root))
        predicate["parent"] = fmt::format("{}{}", HEX_BEGIN, to_hex(claims.parent_root));
    auto datasets = SignedJson::array();
    for (const auto& dataset : claims.datasets)
    {
        SignedJson item{{"name", dataset.name}, {"digest", digest_json(dataset.sha256)}};
        if (!dataset.uri.empty())
            item["uri"] = dataset.uri;
        datasets.push_back(std::move(item));
    }
    if (!datasets.empty())
        predicate["datasets"] = std::move(datasets);
    return predicate;
}

Result<ProvenanceClaims> read_predicate(const SignedJson& predicate)
{
    ASHLAR_CHECK(check_members(predicate, {"license", "parent", "datasets"}, "the predicate"));
    ProvenanceClaims claims;
    ASHLAR_TRY(claims.license, optional_text(predicate, "license"));
    ASHLAR_TRY(const auto parent, optional_text(predicate, "parent"));
    if (!parent.empty())
    {
        ASHLAR_TRY(claims.parent_root, array_from_hex<32>(parent));
    }
    ASHLAR_TRY(claims.datasets,
        read_datasets(member(predicate, "datasets"), {"name", "uri", "digest"},
            [](const SignedJson& item) { return text_member(member(item, "digest"), "sha256"); }));
    return claims;
}

/// The statement as it must have been written for these claims and files.
Result<std::vector<std::string>> compare_subjects(
    const SignedJson& subjects, const Directory& directory)
{
    if (!subjects.is_array())
        return fail(ErrorKind::invalid_input, "the statement has no subjects");
    std::vector<std::string> mismatches;
    std::vector<std::string> names;
    for (const auto& subject : subjects)
    {
        names.push_back(text_member(subject, "name"));
        const auto* const file = directory.find_file(names.back());
        if (file == nullptr)
            mismatches.push_back(
                fmt::format("\"{}\" is stated but not there", printable(names.back())));
        else if (text_member(member(subject, "digest"), "sha256") != to_hex(file->sha256))
            mismatches.push_back(fmt::format("\"{}\" is not as stated", printable(names.back())));
    }
    std::ranges::sort(names);
    for (const auto& file : directory.files())
    {
        if (is_stated(file.path) && !std::ranges::binary_search(names, file.path))
            mismatches.push_back(fmt::format("\"{}\" is not stated", printable(file.path)));
    }
    return mismatches;
}

/// The key that signed the envelope, as its only signature names it.
Result<Bytes32> check_signature(const DsseEnvelope& envelope)
{
    const auto& signature = envelope.signatures.front();
    const std::string_view key_id = signature.key_id;
    if (envelope.signatures.size() != 1 || !key_id.starts_with(KEY_ID_BEGIN) ||
        signature.bytes.size() != sizeof(Bytes64))
        return fail(ErrorKind::invalid_input, "it has other than one Ed25519 signature");
    ASHLAR_TRY(const auto key, array_from_hex<32>(key_id.substr(KEY_ID_BEGIN.size())));
    const auto message = envelope.signed_bytes();
    if (crypto_sign_verify_detached(raw(signature.bytes), raw(message), message.size(), raw(key)) !=
        0)
        return fail(ErrorKind::proof_invalid, "the statement's signature does not hold");
    return key;
}

}  // namespace

Result<ProvenanceClaims> parse_provenance_file(ByteView text)
{
    ASHLAR_TRY(const auto json, parse_signed_json(text));
    ASHLAR_CHECK(check_members(json, {"license", "datasets"}, "the provenance file"));
    ProvenanceClaims claims;
    ASHLAR_TRY(claims.license, optional_text(json, "license"));
    ASHLAR_TRY(
        claims.datasets, read_datasets(member(json, "datasets"), {"name", "uri", "sha256"},
                             [](const SignedJson& item) { return text_member(item, "sha256"); }));
    return claims;
}

Result<Bytes> make_statement(const Directory& directory, const ProvenanceClaims& claims)
{
    if (claims.datasets.size() > DATASETS_MAX)
        return fail(ErrorKind::invalid_input, "more than {} datasets", DATASETS_MAX);
    auto subjects = SignedJson::array();
    for (const auto& file : directory.files())
    {
        if (is_stated(file.path))
            subjects.push_back({{"name", file.path}, {"digest", digest_json(file.sha256)}});
    }
    const SignedJson statement{{"_type", IN_TOTO_STATEMENT_TYPE}, {"subject", std::move(subjects)},
        {"predicateType", STATEMENT_PREDICATE_TYPE}, {"predicate", predicate_json(claims)}};
    ASHLAR_TRY(const auto text, to_canonical_json(statement));
    if (text.size() > STATEMENT_BYTES_MAX)
        return fail(ErrorKind::invalid_input, "a statement of {} bytes, at most {} are allowed",
            text.size(), STATEMENT_BYTES_MAX);
    const auto view = as_byte_view(text);
    return Bytes{view.begin(), view.end()};
}

Bytes32 provenance_root_of(ByteView statement)
{
    return sha256(statement);
}

Bytes sign_statement(ByteView statement, const StatementSigner& signer)
{
    DsseEnvelope envelope{.payload = {statement.begin(), statement.end()}, .signatures = {}};
    const auto signature = signer.sign(envelope.signed_bytes());
    envelope.signatures.push_back(
        {.key_id = fmt::format("{}{}", KEY_ID_BEGIN, to_hex(signer.public_key)),
            .bytes = {signature.begin(), signature.end()}});
    const auto text = to_json(envelope).dump();
    const auto view = as_byte_view(text);
    return {view.begin(), view.end()};
}

Result<SignedStatement> open_statement(ByteView file, const Directory& directory)
{
    ASHLAR_TRY(const auto json, parse_signed_json(file));
    ASHLAR_TRY(auto envelope, parse_dsse(json));
    SignedStatement out;
    ASHLAR_TRY(out.public_key, check_signature(envelope));
    ASHLAR_TRY(const auto statement, parse_signed_json(envelope.payload));
    ASHLAR_TRY(const auto canonical, to_canonical_json(statement));
    if (canonical != as_text(envelope.payload))
        return fail(ErrorKind::invalid_input, "the statement is not in its canonical form");
    ASHLAR_CHECK(check_members(
        statement, {"_type", "subject", "predicateType", "predicate"}, "the statement"));
    if (text_member(statement, "_type") != IN_TOTO_STATEMENT_TYPE ||
        text_member(statement, "predicateType") != STATEMENT_PREDICATE_TYPE)
        return fail(ErrorKind::invalid_input, "it is another kind of statement");
    ASHLAR_TRY(out.claims, read_predicate(member(statement, "predicate")));
    ASHLAR_TRY(out.mismatches, compare_subjects(member(statement, "subject"), directory));
    out.statement = std::move(envelope.payload);
    return out;
}

}  // namespace ashlar
