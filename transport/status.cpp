#include "transport/status.hpp"

#include <array>

#include "base/log.hpp"

namespace ashlar
{
namespace
{

struct Mapping
{
    ErrorKind kind;
    grpc::StatusCode code;
};

constexpr std::array MAPPINGS{
    Mapping{ErrorKind::invalid_input, grpc::StatusCode::INVALID_ARGUMENT},
    Mapping{ErrorKind::proof_invalid, grpc::StatusCode::FAILED_PRECONDITION},
    Mapping{ErrorKind::not_found, grpc::StatusCode::NOT_FOUND},
    Mapping{ErrorKind::insufficient, grpc::StatusCode::RESOURCE_EXHAUSTED},
    Mapping{ErrorKind::unavailable, grpc::StatusCode::UNAVAILABLE},
    Mapping{ErrorKind::corrupted, grpc::StatusCode::DATA_LOSS},
};

}  // namespace

grpc::StatusCode to_status_code(ErrorKind kind) noexcept
{
    for (const auto& mapping : MAPPINGS)
    {
        if (mapping.kind == kind)
            return mapping.code;
    }
    return grpc::StatusCode::UNKNOWN;
}

ErrorKind to_error_kind(grpc::StatusCode code) noexcept
{
    for (const auto& mapping : MAPPINGS)
    {
        if (mapping.code == code)
            return mapping.kind;
    }
    return ErrorKind::unavailable;
}

grpc::Status to_status(const Error& error)
{
    return {to_status_code(error.kind), printable(error.message)};
}

Error to_error(const grpc::Status& status)
{
    return {to_error_kind(status.error_code()), printable(status.error_message())};
}

}  // namespace ashlar
