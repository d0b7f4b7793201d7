#pragma once

/// gRPC's own log lines.

namespace ashlar
{

/// Sends gRPC's log lines to ours, at level debug and made printable: they quote peers, and what
/// they say comes back as an Error anyway. For the whole process; called by whoever opens a
/// channel or a server.
void redirect_grpc_log();

}  // namespace ashlar
