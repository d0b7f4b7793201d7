#include "cli/arguments.hpp"

#include <charconv>
#include <cstdlib>
#include <optional>

#include "base/log.hpp"

namespace ashlar
{
namespace
{

/// An environment variable; unset and empty are the same.
std::optional<std::filesystem::path> variable(const char* name)
{
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0')
        return std::nullopt;
    return value;
}

/// What outlives a command and is of use to this user on this machine alone.
Result<std::filesystem::path> state_folder(const char* name, std::string_view option)
{
    if (const auto state = variable("XDG_STATE_HOME"))
        return *state / "ashlar" / name;
    if (const auto home = variable("HOME"))
        return *home / ".local/state/ashlar" / name;
    return fail(ErrorKind::invalid_input, "HOME is not set: give a folder with {}", option);
}

}  // namespace

Result<Bytes32> parse_root(std::string_view text)
{
    const auto root = array_from_hex<32>(text);
    if (!root)
        return fail(ErrorKind::invalid_input,
            "\"{}\" is not an object root: give the 64 hexadecimal digits that publish printed",
            printable(text));
    return *root;
}

Result<NumberRange> parse_number_range(std::string_view text, std::string_view option)
{
    NumberRange range{};
    const auto* const last = text.data() + text.size();
    const auto first = std::from_chars(text.data(), last, range.begin);
    if (first.ec == std::errc{} && first.ptr != last && *first.ptr == ':')
    {
        const auto second = std::from_chars(first.ptr + 1, last, range.end);
        if (second.ec == std::errc{} && second.ptr == last && range.begin <= range.end)
            return range;
    }
    return fail(ErrorKind::invalid_input, "{} wants FIRST:END, as in 0:4096", option);
}

Result<std::filesystem::path> default_devnet_folder()
{
    if (const auto folder = variable("ASHLAR_DEVNET"))
        return *folder;
    if (const auto home = variable("HOME"))
        return *home / ".local/share/ashlar/devnet";
    return fail(ErrorKind::invalid_input, "HOME is not set: give the devnet's folder with --dir");
}

Result<std::filesystem::path> default_committee_file()
{
    if (const auto file = variable("ASHLAR_COMMITTEE"))
        return *file;
    std::error_code error;
    if (const auto devnet = default_devnet_folder();
        devnet && std::filesystem::exists(*devnet / "committee.json", error))
        return *devnet / "committee.json";
    return fail(ErrorKind::invalid_input,
        "no committee: give its file with --committee or in ASHLAR_COMMITTEE, or start one with "
        "\"ashlar devnet up\"");
}

Result<std::filesystem::path> default_key_file()
{
    if (const auto config = variable("XDG_CONFIG_HOME"))
        return *config / "ashlar/publisher.key";
    if (const auto home = variable("HOME"))
        return *home / ".config/ashlar/publisher.key";
    return fail(ErrorKind::invalid_input, "HOME is not set: give the key's file with --key");
}

Result<std::filesystem::path> default_journal_folder()
{
    return state_folder("publishes", "--journal");
}

Result<std::filesystem::path> default_repair_folder()
{
    return state_folder("repairs", "--work");
}

}  // namespace ashlar
