#pragma once

/// JSON posted over HTTP or HTTPS, and the answer's body. libcurl does the work.

#include <chrono>
#include <string>

#include "base/error.hpp"

namespace ashlar
{

struct HttpPostOptions
{
    std::chrono::milliseconds connect_timeout{3'000};
    std::chrono::milliseconds timeout{20'000};  ///< Of the whole exchange.
    std::size_t answer_bytes_max = 16U << 20;
    bool status_counts = false;  ///< A status from 400 on is `unavailable`, whatever the body.
};

/// Posts to http:// or https:// and no other scheme; follows no redirects; certificates are checked
/// against the system's store.
///
/// @return  the body, whatever the status unless it counts: JSON-RPC says in the body what went
///          wrong; invalid_input for a URL that cannot be used; unavailable if there is no answer,
///          none in time, or a longer one than allowed.
[[nodiscard]] Result<std::string> http_post_json(
    const std::string& url, const std::string& body, const HttpPostOptions& options = {});

}  // namespace ashlar
