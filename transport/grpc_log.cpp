#include "transport/grpc_log.hpp"

#include <grpc/support/log.h>

#include "base/log.hpp"

namespace ashlar
{

void redirect_grpc_log()
{
    // Setting it again changes nothing.
    gpr_set_log_function(
        [](gpr_log_func_args* line) { spdlog::debug("gRPC: {}", printable(line->message)); });
}

}  // namespace ashlar
