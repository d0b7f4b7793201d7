#pragma once

/// What commands take from the command line and the environment.

#include <filesystem>

#include "base/bytes.hpp"

namespace ashlar
{

/// 64 hexadecimal digits, with or without "0x".
/// @return  invalid_input that says what an object root is.
[[nodiscard]] Result<Bytes32> parse_root(std::string_view text);

/// Numbers begin … end − 1.
struct NumberRange
{
    std::uint64_t begin;
    std::uint64_t end;
};

/// "A:B" with A ≤ B.
/// @return  invalid_input that says what `option` wants.
[[nodiscard]] Result<NumberRange> parse_number_range(
    std::string_view text, std::string_view option);

/// $ASHLAR_DEVNET, else ~/.local/share/ashlar/devnet.
/// @return  invalid_input if neither ASHLAR_DEVNET nor HOME is set.
[[nodiscard]] Result<std::filesystem::path> default_devnet_folder();

/// $ASHLAR_COMMITTEE, else the committee of the default devnet if there is one.
/// @return  invalid_input that says how to name a committee.
[[nodiscard]] Result<std::filesystem::path> default_committee_file();

/// publisher.key in $XDG_CONFIG_HOME/ashlar, else in ~/.config/ashlar.
[[nodiscard]] Result<std::filesystem::path> default_key_file();

/// Where journals of unfinished publishes lie: publishes in $XDG_STATE_HOME/ashlar, else in
/// ~/.local/state/ashlar.
[[nodiscard]] Result<std::filesystem::path> default_journal_folder();

/// Where unfinished repairs keep what they have: repairs, beside the journals.
[[nodiscard]] Result<std::filesystem::path> default_repair_folder();

}  // namespace ashlar
