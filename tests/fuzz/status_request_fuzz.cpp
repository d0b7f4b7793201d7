// Requests as anybody on this machine may send them: each gets one well-formed answer.

#include "sampling-client/status_server.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace ashlar;
    const auto request = as_text(std::as_bytes(std::span{data, size}));
    const auto answer = http_answer(request, {.status = "{}", .metrics = "up 1\n"});
    ASHLAR_ASSERT(answer.starts_with("HTTP/1.1 "));
    // Nothing of the request comes back.
    ASHLAR_ASSERT(answer.size() < 300);
    return 0;
}
