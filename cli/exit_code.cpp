#include "cli/exit_code.hpp"

namespace ashlar
{

ExitCode exit_code_for(ErrorKind kind) noexcept
{
    switch (kind)
    {
        case ErrorKind::proof_invalid:
        case ErrorKind::not_found:
            return ExitCode::answer_is_no;
        case ErrorKind::insufficient:
        case ErrorKind::unavailable:
            return ExitCode::unreachable;
        case ErrorKind::invalid_input:
        case ErrorKind::corrupted:
            break;
    }
    return ExitCode::unusable;
}

}  // namespace ashlar
