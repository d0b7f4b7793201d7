// The committee as a JSON file: docs/formats/committee.md.

#include <nlohmann/json.hpp>

#include "base/log.hpp"
#include "object/committee.hpp"

namespace ashlar
{
namespace
{

using Json = nlohmann::json;

constexpr std::string_view FORMAT = "ashlar/committee/v1";
constexpr std::uint64_t UINT64_LIMIT = std::numeric_limits<std::uint64_t>::max();

/// Lists of objects in an object: nothing in the file is nested deeper.
constexpr std::size_t DEPTH_MAX = 3;

/// A full file: members with 4 values, shards, records with 5, and the 7 values around them. It
/// keeps a file of 64 MiB from becoming many times as much memory.
constexpr std::size_t VALUES_MAX = MEMBERS_MAX * (1 + 4) + SHARD_COUNT + MEMBERS_MAX * (1 + 5) + 8;

/// Builds the file's values and stops at whatever no committee file holds. JSON leaves a repeated
/// key to the reader, and readers who differ would see different committees.
class StrictBuilder final : public nlohmann::json_sax<Json>
{
public:
    [[nodiscard]] Json take_root() { return std::move(root_); }
    [[nodiscard]] const std::string& problem() const { return problem_; }

    bool null() override { return refuse("null"); }
    bool boolean(bool) override { return refuse("true or false"); }
    bool number_integer(number_integer_t) override { return refuse("a negative number"); }
    bool number_float(number_float_t, const string_t& text) override
    {
        return refuse(fmt::format("{}, not an integer below 2^64", printable(text)));
    }
    bool number_unsigned(number_unsigned_t value) override { return add(value) != nullptr; }
    bool string(string_t& value) override { return add(std::move(value)) != nullptr; }
    bool binary(binary_t&) override { return refuse("binary data"); }
    bool start_object(std::size_t) override { return open(Json::object()); }
    bool start_array(std::size_t) override { return open(Json::array()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }

    bool key(string_t& name) override
    {
        if (open_.back()->contains(name))
            return refuse(fmt::format("the key \"{}\" twice in one object", printable(name)));
        key_ = std::move(name);
        return true;
    }

    bool parse_error(
        std::size_t position, const std::string&, const nlohmann::detail::exception&) override
    {
        return refuse(fmt::format("a syntax error at byte {}", position));
    }

private:
    bool refuse(std::string what)
    {
        problem_ = std::move(what);
        return false;
    }

    /// The value in its place, or null when there are too many. An open list or object never
    /// moves: what holds it grows no further until it is closed.
    Json* add(Json value)
    {
        if (++value_count_ > VALUES_MAX)
        {
            refuse("more values than the largest committee");
            return nullptr;
        }
        if (open_.empty())
            return &(root_ = std::move(value));
        auto& parent = *open_.back();
        if (parent.is_object())
            return &(parent[key_] = std::move(value));
        parent.push_back(std::move(value));
        return &parent.back();
    }

    bool open(Json value)
    {
        if (open_.size() == DEPTH_MAX)
            return refuse("deeper nesting than a committee has");
        open_.push_back(add(std::move(value)));
        return open_.back() != nullptr;
    }

    bool close()
    {
        open_.pop_back();
        return true;
    }

    Json root_;
    std::vector<Json*> open_;
    std::string key_;
    std::size_t value_count_ = 0;
    std::string problem_;
};

Result<Json> parse_strict(std::string_view text)
{
    if (text.size() > COMMITTEE_FILE_BYTES_MAX)
        return fail(
            ErrorKind::invalid_input, "{} bytes are more than a committee file has", text.size());
    // The parser would take a NUL for the end of the text and pass over a byte order mark.
    if (text.find('\0') != std::string_view::npos || text.starts_with("\xef\xbb\xbf"))
        return fail(ErrorKind::invalid_input, "the file is not JSON text");
    StrictBuilder builder;
    if (!Json::sax_parse(text, &builder))
        return fail(ErrorKind::invalid_input, "the file has {}", builder.problem());
    return builder.take_root();
}

/// One object of the file, with exactly the keys that it should have.
class Fields
{
public:
    /// @param where  The object's path in the file, for messages; empty for the whole file.
    [[nodiscard]] static Result<Fields> make(
        const Json& object, const std::string& where, std::initializer_list<std::string_view> keys)
    {
        const auto shown = where.empty() ? std::string{"the file"} : where;
        if (!object.is_object())
            return fail(ErrorKind::invalid_input, "{} is not a JSON object", shown);
        for (const auto& [key, value] : object.items())
        {
            if (std::ranges::find(keys, key) == keys.end())
                return fail(ErrorKind::invalid_input, "{} has an unknown key \"{}\"", shown,
                    printable(key));
        }
        for (const auto key : keys)
        {
            if (!object.contains(key))
                return fail(ErrorKind::invalid_input, "{} lacks the key \"{}\"", shown, key);
        }
        return Fields{object, where.empty() ? std::string{} : where + "."};
    }

    [[nodiscard]] Result<std::uint64_t> integer(
        std::string_view key, std::uint64_t max = UINT64_LIMIT) const
    {
        const auto& value = at(key);
        if (!value.is_number_unsigned() || value.get<std::uint64_t>() > max)
            return fail(
                ErrorKind::invalid_input, "{}{} is not an integer from 0 to {}", prefix_, key, max);
        return value.get<std::uint64_t>();
    }

    [[nodiscard]] Result<std::string> text(std::string_view key) const
    {
        const auto& value = at(key);
        if (!value.is_string())
            return fail(ErrorKind::invalid_input, "{}{} is not a string", prefix_, key);
        return value.get<std::string>();
    }

    template <std::size_t N>
    [[nodiscard]] Result<ByteArray<N>> bytes(std::string_view key) const
    {
        ASHLAR_TRY(const auto digits, text(key));
        const auto value = array_from_hex<N>(digits);
        if (!digits.starts_with("0x") || !value)
            return fail(ErrorKind::invalid_input, "{}{} is not 0x and {} hexadecimal digits",
                prefix_, key, 2 * N);
        return *value;
    }

    [[nodiscard]] Result<std::span<const Json>> list(
        std::string_view key, std::size_t size_max) const
    {
        const auto& value = at(key);
        if (!value.is_array() || value.size() > size_max)
            return fail(ErrorKind::invalid_input, "{}{} is not a list of at most {}", prefix_, key,
                size_max);
        return std::span<const Json>{value.get_ref<const Json::array_t&>()};
    }

private:
    Fields(const Json& object, std::string prefix) : object_{&object}, prefix_{std::move(prefix)} {}

    [[nodiscard]] const Json& at(std::string_view key) const { return *object_->find(key); }

    const Json* object_;
    std::string prefix_;
};

Result<Member> read_member(const Json& json, std::size_t index)
{
    const auto where = fmt::format("members[{}]", index);
    ASHLAR_TRY(
        const auto fields, Fields::make(json, where, {"pubkey", "pop", "operator", "weight"}));
    ASHLAR_TRY(const auto key_bytes, fields.bytes<48>("pubkey"));
    auto key = BlsPublicKey::parse(key_bytes);
    if (!key)
        return within(where + ".pubkey", std::move(key).error());
    ASHLAR_TRY(const auto possession_proof, fields.bytes<96>("pop"));
    ASHLAR_TRY(const auto operator_id, fields.bytes<32>("operator"));
    ASHLAR_TRY(const auto weight, fields.integer("weight"));
    return Member{*key, possession_proof, operator_id, weight};
}

Result<std::vector<Member>> read_members(std::span<const Json> list)
{
    std::vector<Member> out;
    out.reserve(list.size());
    for (std::size_t i = 0; i < list.size(); ++i)
    {
        ASHLAR_TRY(const auto member, read_member(list[i], i));
        out.push_back(member);
    }
    return out;
}

Result<std::vector<std::uint16_t>> read_shards(std::span<const Json> list)
{
    // Committee::make() takes an empty table as a request for the first one; a file never asks.
    if (list.size() != SHARD_COUNT)
        return fail(ErrorKind::invalid_input, "shards is a list of {}, not of {}", list.size(),
            SHARD_COUNT);
    std::vector<std::uint16_t> out;
    out.reserve(SHARD_COUNT);
    for (std::size_t i = 0; i < list.size(); ++i)
    {
        if (!list[i].is_number_unsigned() || list[i].get<std::uint64_t>() >= MEMBERS_MAX)
            return fail(ErrorKind::invalid_input, "shards[{}] is not a member's number", i);
        out.push_back(list[i].get<std::uint16_t>());
    }
    return out;
}

using Records = std::vector<std::optional<SignedNodeRecord>>;

Result<Records> read_records(std::span<const Json> list, std::size_t member_count)
{
    Records out(member_count);
    for (std::size_t i = 0; i < list.size(); ++i)
    {
        ASHLAR_TRY(
            const auto fields, Fields::make(list[i], fmt::format("records[{}]", i),
                                   {"member", "sequence", "endpoint", "certificate", "signature"}));
        ASHLAR_TRY(const auto member, fields.integer("member", member_count - 1));
        ASHLAR_TRY(const auto sequence, fields.integer("sequence"));
        ASHLAR_TRY(auto endpoint, fields.text("endpoint"));
        ASHLAR_TRY(auto certificate, fields.text("certificate"));
        ASHLAR_TRY(const auto signature, fields.bytes<96>("signature"));
        auto& slot = out[static_cast<std::size_t>(member)];
        if (slot)
            return fail(
                ErrorKind::invalid_input, "records[{}] is the second of member {}", i, member);
        slot = SignedNodeRecord{.record = {.sequence = sequence,
                                    .endpoint = std::move(endpoint),
                                    .tls_certificate = std::move(certificate)},
            .signature = signature};
    }
    return out;
}

std::string prefixed_hex(ByteView bytes)
{
    return "0x" + to_hex(bytes);
}

}  // namespace

Result<Committee> Committee::parse_json(std::string_view text)
{
    ASHLAR_TRY(const auto json, parse_strict(text));
    ASHLAR_TRY(const auto file,
        Fields::make(json, "",
            {"format", "chain_id", "registry", "committee_root", "members", "shards", "records"}));
    ASHLAR_TRY(const auto format, file.text("format"));
    if (format != FORMAT)
        return fail(ErrorKind::invalid_input, "the file's format is \"{}\", not \"{}\"",
            printable(format), FORMAT);
    ASHLAR_TRY(const auto chain_id, file.integer("chain_id"));
    ASHLAR_TRY(const auto registry, file.bytes<20>("registry"));
    ASHLAR_TRY(const auto root, file.bytes<32>("committee_root"));
    ASHLAR_TRY(const auto member_list, file.list("members", MEMBERS_MAX));
    if (member_list.empty())
        return fail(ErrorKind::invalid_input, "members is empty");
    ASHLAR_TRY(auto members, read_members(member_list));
    ASHLAR_TRY(const auto shard_list, file.list("shards", SHARD_COUNT));
    ASHLAR_TRY(auto shards, read_shards(shard_list));
    ASHLAR_TRY(const auto record_list, file.list("records", members.size()));
    ASHLAR_TRY(auto records, read_records(record_list, members.size()));
    ASHLAR_TRY(auto committee, make({.binding = {.chain_id = chain_id, .registry = registry},
                                   .members = std::move(members),
                                   .shards = std::move(shards),
                                   .records = std::move(records)}));
    if (committee.root() != root)
        return fail(ErrorKind::invalid_input, "committee_root is {}, but the members' is {}",
            prefixed_hex(root), prefixed_hex(committee.root()));
    return committee;
}

std::string Committee::to_json() const
{
    using Ordered = nlohmann::ordered_json;
    auto members = Ordered::array();
    for (const auto& member : parts_.members)
        members.push_back({{"pubkey", prefixed_hex(member.key.bytes())},
            {"pop", prefixed_hex(member.possession_proof)},
            {"operator", prefixed_hex(member.operator_id)}, {"weight", member.weight}});
    auto records = Ordered::array();
    for (std::size_t i = 0; i < parts_.records.size(); ++i)
    {
        if (const auto& record = parts_.records[i])
            records.push_back({{"member", i}, {"sequence", record->record.sequence},
                {"endpoint", record->record.endpoint},
                {"certificate", record->record.tls_certificate},
                {"signature", prefixed_hex(record->signature)}});
    }
    const Ordered file{{"format", FORMAT}, {"chain_id", parts_.binding.chain_id},
        {"registry", prefixed_hex(parts_.binding.registry)},
        {"committee_root", prefixed_hex(root_)}, {"members", std::move(members)},
        {"shards", parts_.shards}, {"records", std::move(records)}};
    return file.dump() + '\n';
}

}  // namespace ashlar
