#pragma once

/// Error kinds as gRPC status codes, one to one. What a peer says is untrusted text.

#include <grpcpp/support/status.h>

#include "base/error.hpp"

namespace ashlar
{

[[nodiscard]] grpc::StatusCode to_status_code(ErrorKind kind) noexcept;

/// Codes that no ErrorKind maps to (deadlines, cancellation, a peer that speaks otherwise) are
/// `unavailable`.
/// @pre code is not OK
[[nodiscard]] ErrorKind to_error_kind(grpc::StatusCode code) noexcept;

[[nodiscard]] grpc::Status to_status(const Error& error);

/// The peer's text is made printable() and cut.
/// @pre !status.ok()
[[nodiscard]] Error to_error(const grpc::Status& status);

}  // namespace ashlar
