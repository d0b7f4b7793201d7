#include "sampling-client/report_format.hpp"

#include <nlohmann/json.hpp>

#include "base/log.hpp"

namespace ashlar
{
namespace
{

using Json = nlohmann::ordered_json;

std::string_view mode_name(SampleMode mode)
{
    return mode == SampleMode::cell ? "cell" : "blob";
}

std::string format_bytes(std::uint64_t bytes)
{
    if (bytes < 1024)
        return fmt::format("{} B", bytes);
    if (bytes < 1024 * 1024)
        return fmt::format("{:.1f} KiB", static_cast<double>(bytes) / 1024);
    return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / (1024 * 1024));
}

std::string format_member(std::size_t index, const MemberTally& tally)
{
    auto line = fmt::format("  {:>5} {:>6} {:>9} {:>7} {:>6}", index, tally.asked, tally.answered,
        tally.failed, tally.false_answers);
    if (!tally.last_error.empty())
        line += "  " + printable(tally.last_error);
    for (const auto& text : tally.false_texts)
        line += "  false: " + printable(text);
    return line + "\n";
}

Json member_json(std::size_t index, const MemberTally& tally)
{
    Json json{{"member", index}, {"asked", tally.asked}, {"answered", tally.answered},
        {"failed", tally.failed}, {"false", tally.false_answers}};
    if (!tally.last_error.empty())
        json["last_error"] = printable(tally.last_error);
    for (const auto& text : tally.false_texts)
        json["false_answers"].push_back(printable(text));
    return json;
}

}  // namespace

std::string to_text(const SampleReport& report)
{
    auto text = fmt::format(
        "{}  0x{}\n{}\n\n", to_string(report.verdict), to_hex(report.object_root), report.reason);
    if (report.shape)
        text += fmt::format("  stored    {} blobs, any {} of them recover the object\n",
            report.shape->stored_count(), report.shape->data_blobs());
    text += fmt::format("  samples   {} ({}s), {} failed\n", report.samples, mode_name(report.mode),
        report.failures);
    if (report.full_commitments)
        text += "  checked   all commitments\n";
    else
        text += fmt::format("  walks     {}, {} not served\n", report.walks, report.walk_failures);
    text += fmt::format("  error     {:.3g} asked", report.error_asked);
    if (report.error_achieved)
        text += fmt::format(", {:.3g} achieved", *report.error_achieved);
    text += fmt::format("\n  received  {}\n  time      {:.2f} s\n",
        format_bytes(report.bytes_received), report.seconds);
    if (report.socket_bytes)
        text += fmt::format("  sockets   {} both ways, TLS and committee included\n",
            format_bytes(*report.socket_bytes));
    for (const auto& path : report.evidence)
        text += fmt::format("  evidence  {}\n", path.string());
    text += "\n   node  asked  answered  failed  false\n";
    for (std::size_t m = 0; m < report.members.size(); ++m)
        text += format_member(m, report.members[m]);
    return text;
}

std::string to_json_line(const SampleReport& report)
{
    Json json{{"message_type", "summary"}, {"object_root", "0x" + to_hex(report.object_root)},
        {"verdict", to_string(report.verdict)}, {"reason", report.reason},
        {"mode", mode_name(report.mode)}, {"error_asked", report.error_asked}};
    if (report.error_achieved)
        json["error_achieved"] = *report.error_achieved;
    if (report.shape)
    {
        json["data_blobs"] = report.shape->data_blobs();
        json["stored_blobs"] = report.shape->stored_count();
    }
    json["samples"] = report.samples;
    json["failures"] = report.failures;
    json["full_commitments"] = report.full_commitments;
    json["walks"] = report.walks;
    json["walk_failures"] = report.walk_failures;
    if (report.socket_bytes)
        json["socket_bytes"] = *report.socket_bytes;
    json["bytes_received"] = report.bytes_received;
    json["seconds"] = report.seconds;
    json["members"] = Json::array();
    for (std::size_t m = 0; m < report.members.size(); ++m)
        json["members"].push_back(member_json(m, report.members[m]));
    json["evidence"] = Json::array();
    for (const auto& path : report.evidence)
        json["evidence"].push_back(path.string());
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace ashlar
