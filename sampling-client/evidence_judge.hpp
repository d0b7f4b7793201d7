#pragma once

/// Judges evidence offline: by what the file itself holds, and nothing else.
/// docs/formats/evidence.md.

#include <filesystem>
#include <string>

#include "base/bytes.hpp"

namespace ashlar
{

/// Files of evidence are no larger: a blob in hexadecimal with room to spare.
inline constexpr std::uint64_t EVIDENCE_BYTES_MAX = 1u << 20;

/// Whom evidence speaks against.
enum class Accused : std::uint8_t
{
    member,     ///< It gave a false answer, says whoever kept it: answers are not signed.
    publisher,  ///< The object is INVALID for everybody: the root binds what fails.
};

struct Judgement
{
    Accused accused;
    bool is_shown = false;  ///< Does the file show what it says?
    Bytes32 object_root{};
    std::string text;  ///< One sentence for people; untrusted parts made printable.
};

/// @param folder  Where a file that the evidence names lies beside it.
/// @return  invalid_input for what is not evidence: wrong form, wrong lengths, or bytes that do not
///          belong to its own object root.
[[nodiscard]] Result<Judgement> judge_evidence(
    std::string_view json, const std::filesystem::path& folder);

}  // namespace ashlar
