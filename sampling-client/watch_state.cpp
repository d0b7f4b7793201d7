#include "sampling-client/watch_state.hpp"

#include <set>

#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "base/log.hpp"

namespace ashlar
{
namespace
{

using WatchJson = nlohmann::ordered_json;

constexpr std::string_view WATCH_FORMAT = "ashlar/watch/v1";

std::string hex_text(ByteView bytes)
{
    return "0x" + to_hex(bytes);
}

std::string dump_watch(const WatchJson& json)
{
    return json.dump(-1, ' ', false, WatchJson::error_handler_t::replace);
}

WatchJson version_json(const WatchedVersion& version)
{
    WatchJson json{{"publisher", hex_text(version.event.publisher)},
        {"model_id", hex_text(version.event.model_id)},
        {"object_root", hex_text(version.event.object_root)},
        {"block", version.event.block_number}};
    json["verdict"] = version.verdict ? WatchJson(to_string(*version.verdict)) : WatchJson{};
    json["reason"] = version.reason;
    json["sampled_at"] = version.sampled_at;
    json["samplings"] = version.samplings;
    json["alert_is_due"] = version.alert_is_due;
    return json;
}

// What follows reads JSON by nlohmann's own exceptions: parse_watch_state() catches them.

template <std::size_t N>
Result<ByteArray<N>> bytes_in(const WatchJson& json, const char* name)
{
    return array_from_hex<N>(json.at(name).get<std::string>());
}

std::uint64_t count_in(const WatchJson& json, const char* name)
{
    return json.at(name).get<std::uint64_t>();
}

Result<std::optional<Verdict>> verdict_in(const WatchJson& json)
{
    const auto& value = json.at("verdict");
    if (value.is_null())
        return std::optional<Verdict>{};
    const auto text = value.get<std::string>();
    for (const auto verdict :
        {Verdict::available, Verdict::unavailable, Verdict::unconfirmed, Verdict::invalid})
    {
        if (text == to_string(verdict))
            return std::optional{verdict};
    }
    return fail(ErrorKind::corrupted, "no such verdict: {}", printable(text));
}

Result<WatchedVersion> version_in(const WatchJson& json)
{
    WatchedVersion version;
    ASHLAR_TRY(version.event.publisher, bytes_in<20>(json, "publisher"));
    ASHLAR_TRY(version.event.model_id, bytes_in<32>(json, "model_id"));
    ASHLAR_TRY(version.event.object_root, bytes_in<32>(json, "object_root"));
    version.event.block_number = count_in(json, "block");
    ASHLAR_TRY(version.verdict, verdict_in(json));
    version.reason = json.at("reason").get<std::string>();
    version.sampled_at = count_in(json, "sampled_at");
    version.samplings = count_in(json, "samplings");
    version.alert_is_due = json.at("alert_is_due").get<bool>();
    return version;
}

Result<WatchState> state_in(const WatchJson& json)
{
    if (json.at("format").get<std::string>() != WATCH_FORMAT)
        return fail(ErrorKind::corrupted, "it is of another format than {}", WATCH_FORMAT);
    WatchState state;
    state.chain_id = count_in(json, "chain_id");
    ASHLAR_TRY(state.registry, bytes_in<20>(json, "registry"));
    state.next_block = count_in(json, "next_block");
    state.reorganisations = count_in(json, "reorganisations");
    state.events_left = count_in(json, "events_left");
    for (const auto& mark : json.at("marks"))
    {
        ASHLAR_TRY(const auto hash, bytes_in<32>(mark, "hash"));
        state.marks.push_back({.number = count_in(mark, "number"), .hash = hash});
    }
    for (const auto& version : json.at("versions"))
    {
        ASHLAR_TRY(auto read, version_in(version));
        state.versions.push_back(std::move(read));
    }
    if (state.marks.size() > BLOCK_MARKS_MAX || state.versions.size() > WATCHED_VERSIONS_MAX)
        return fail(ErrorKind::corrupted, "it holds more than is ever written");
    return state;
}

}  // namespace

std::vector<std::size_t> WatchState::current() const
{
    std::set<std::pair<Address, Bytes32>> seen;
    std::vector<std::size_t> newest;
    for (auto i = versions.size(); i-- > 0;)
    {
        const auto& event = versions[i].event;
        if (seen.emplace(event.publisher, event.model_id).second)
            newest.push_back(i);
    }
    std::ranges::reverse(newest);
    return newest;
}

std::string to_json(const WatchedVersion& version)
{
    return dump_watch(version_json(version));
}

std::string to_json(const WatchState& state)
{
    WatchJson json{{"format", WATCH_FORMAT}, {"chain_id", state.chain_id},
        {"registry", hex_text(state.registry)}, {"next_block", state.next_block},
        {"reorganisations", state.reorganisations}, {"events_left", state.events_left},
        {"marks", WatchJson::array()}, {"versions", WatchJson::array()}};
    for (const auto& mark : state.marks)
        json["marks"].push_back({{"number", mark.number}, {"hash", hex_text(mark.hash)}});
    for (const auto& version : state.versions)
        json["versions"].push_back(version_json(version));
    return dump_watch(json);
}

std::string status_json(const WatchState& state, std::string_view chain_error)
{
    WatchJson json{{"chain_id", state.chain_id}, {"registry", hex_text(state.registry)},
        {"next_block", state.next_block}, {"chain_answers", chain_error.empty()}};
    if (!chain_error.empty())
        json["chain_error"] = printable(chain_error);
    json["reorganisations"] = state.reorganisations;
    json["events_left"] = state.events_left;
    json["models"] = WatchJson::array();
    for (const auto i : state.current())
        json["models"].push_back(version_json(state.versions[i]));
    return dump_watch(json) + "\n";
}

std::string metrics_text(const WatchState& state, bool chain_answers)
{
    const auto current = state.current();
    std::string text;
    const auto family = [&](const char* name, const char* type, const char* help) {
        text += fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
    };
    const auto single = [&](const char* name, const char* type, const char* help,
                            std::uint64_t value) {
        family(name, type, help);
        text += fmt::format("{} {}\n", name, value);
    };
    const auto per_model = [&](const char* name, const char* type, const char* help, auto value) {
        family(name, type, help);
        for (const auto i : current)
        {
            const auto& version = state.versions[i];
            text += fmt::format("{}{{publisher=\"{}\",model=\"{}\",root=\"{}\"}} {}\n", name,
                hex_text(version.event.publisher), hex_text(version.event.model_id),
                hex_text(version.event.object_root), value(version));
        }
    };
    single("ashlar_watch_chain_up", "gauge", "Whether the Ethereum node answered last.",
        chain_answers ? 1 : 0);
    single("ashlar_watch_next_block", "gauge", "The next block to take in.", state.next_block);
    single("ashlar_watch_reorganisations_total", "counter",
        "Reorganisations deeper than the confirmations.", state.reorganisations);
    single("ashlar_watch_events_left_total", "counter", "Anchorings beyond what is remembered.",
        state.events_left);
    single("ashlar_watch_models", "gauge", "Models watched.", current.size());
    per_model("ashlar_watch_available", "gauge", "1 if the last verdict is AVAILABLE.",
        [](const auto& v) { return v.verdict == Verdict::available ? 1 : 0; });
    per_model("ashlar_watch_refused", "gauge", "1 if the last verdict is UNAVAILABLE or INVALID.",
        [](const auto& v) {
            return v.verdict == Verdict::unavailable || v.verdict == Verdict::invalid ? 1 : 0;
        });
    per_model("ashlar_watch_sampled_timestamp_seconds", "gauge", "When it was sampled last.",
        [](const auto& v) { return v.sampled_at; });
    per_model("ashlar_watch_samplings_total", "counter", "How often it was sampled.",
        [](const auto& v) { return v.samplings; });
    return text;
}

Result<WatchState> parse_watch_state(std::string_view text)
{
    try
    {
        auto state = state_in(WatchJson::parse(text));
        if (!state)
            return fail(ErrorKind::corrupted, "{}", state.error().message);
        return state;
    }
    catch (const WatchJson::exception& error)
    {
        return fail(ErrorKind::corrupted, "{}", printable(error.what()));
    }
}

Result<WatchState> load_watch_state(const std::filesystem::path& file, std::uint64_t chain_id,
    const Address& registry, std::uint64_t first_block)
{
    std::error_code error;
    if (!std::filesystem::exists(file, error))
        return WatchState{.chain_id = chain_id, .registry = registry, .next_block = first_block};
    ASHLAR_TRY(const auto bytes, read_file(file, WATCH_FILE_BYTES_MAX));
    auto state = parse_watch_state(as_text(bytes));
    if (!state)
        return fail(ErrorKind::corrupted, "{} is damaged: {}: remove it to begin anew",
            printable(file.native()), state.error().message);
    if (state->chain_id != chain_id || state->registry != registry)
        return fail(ErrorKind::invalid_input,
            "{} is about registry 0x{} of chain {}: give another --state", printable(file.native()),
            to_hex(state->registry), state->chain_id);
    return state;
}

}  // namespace ashlar
