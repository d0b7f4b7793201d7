#include "chain/http_post.hpp"

#include <memory>
#include <mutex>

#include <curl/curl.h>

namespace ashlar
{
namespace
{

struct BoundedBody
{
    std::string text;
    std::size_t bytes_max;
};

/// libcurl's write callback: anything but `size * count` ends the transfer.
std::size_t take_body(char* data, std::size_t size, std::size_t count, void* user)
{
    auto& body = *static_cast<BoundedBody*>(user);
    const auto bytes = size * count;
    if (bytes > body.bytes_max - body.text.size())
        return 0;
    body.text.append(data, bytes);
    return bytes;
}

using CurlHandle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using CurlHeaders = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

CurlHandle make_handle()
{
    // Once for the process, before the first handle: libcurl asks for it.
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
    return {curl_easy_init(), &curl_easy_cleanup};
}

Error curl_error(const std::string& url, CURLcode code)
{
    const bool unusable = code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL;
    return {unusable ? ErrorKind::invalid_input : ErrorKind::unavailable,
        fmt::format("{}: {}", url, curl_easy_strerror(code))};
}

}  // namespace

Result<std::string> http_post_json(
    const std::string& url, const std::string& body, const HttpPostOptions& options)
{
    const auto handle = make_handle();
    const CurlHeaders headers{
        curl_slist_append(nullptr, "Content-Type: application/json"), &curl_slist_free_all};
    if (!handle || !headers)
        return fail(ErrorKind::unavailable, "no memory for a request to {}", url);
    BoundedBody answer{.text = {}, .bytes_max = options.answer_bytes_max};
    auto* const curl = handle.get();
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, long{options.connect_timeout.count()});
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, long{options.timeout.count()});
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, options.status_counts ? 1L : 0L);
    // Signals of the resolver's timeout would reach any thread.
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    if (const auto code = curl_easy_perform(curl); code != CURLE_OK)
        return tl::unexpected{curl_error(url, code)};
    return std::move(answer.text);
}

}  // namespace ashlar
