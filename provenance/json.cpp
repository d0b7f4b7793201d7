#include "provenance/json.hpp"

#include <algorithm>
#include <set>

#include <sodium.h>

namespace ashlar
{
namespace
{

constexpr std::int64_t INTEGER_MAX = std::int64_t{1} << 53;

/// The UTF-16 code units of well-formed UTF-8, by which JCS sorts keys.
std::u16string to_utf16(std::string_view text)
{
    std::u16string out;
    for (std::size_t i = 0; i < text.size();)
    {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
        std::uint32_t point = more == 0 ? lead : lead & (0x3fU >> more);
        for (std::size_t k = 1; k <= more; ++k)
            point = point << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3fU);
        i += more + 1;
        if (point >= 0x10000)
        {
            point -= 0x10000;
            out.push_back(static_cast<char16_t>(0xd800 + (point >> 10)));
            point = 0xdc00 + (point & 0x3ff);
        }
        out.push_back(static_cast<char16_t>(point));
    }
    return out;
}

Result<void> write_string(const std::string& text, std::string& out)
{
    if (!is_utf8(text))
        return fail(ErrorKind::invalid_input, "a string is not UTF-8");
    out += SignedJson(text).dump();
    return {};
}

Result<void> write(const SignedJson& value, std::string& out);

Result<void> write_object(const SignedJson& object, std::string& out)
{
    std::vector<std::pair<std::u16string, const std::string*>> keys;
    for (const auto& [key, value] : object.items())
    {
        if (!is_utf8(key))
            return fail(ErrorKind::invalid_input, "a key is not UTF-8");
        keys.emplace_back(to_utf16(key), &object.find(key).key());
    }
    std::ranges::sort(
        keys, {}, [](const auto& pair) -> const std::u16string& { return pair.first; });
    out += '{';
    for (const auto& [order, key] : keys)
    {
        if (out.back() != '{')
            out += ',';
        ASHLAR_CHECK(write_string(*key, out));
        out += ':';
        ASHLAR_CHECK(write(object.at(*key), out));
    }
    out += '}';
    return {};
}

Result<void> write_integer(const SignedJson& value, std::string& out)
{
    const bool small = value.is_number_unsigned()
                           ? value.get<std::uint64_t>() <= static_cast<std::uint64_t>(INTEGER_MAX)
                           : value.get<std::int64_t>() >= -INTEGER_MAX;
    if (!small)
        return fail(ErrorKind::invalid_input, "an integer beyond 2^53");
    out += value.dump();
    return {};
}

Result<void> write(const SignedJson& value, std::string& out)
{
    if (value.is_object())
        return write_object(value, out);
    if (value.is_string())
        return write_string(value.get_ref<const std::string&>(), out);
    if (value.is_number_integer())
        return write_integer(value, out);
    if (value.is_boolean() || value.is_null())
    {
        out += value.dump();
        return {};
    }
    if (!value.is_array())
        return fail(ErrorKind::invalid_input, "a number that is no integer");
    out += '[';
    bool first = true;
    for (const auto& item : value)
    {
        if (!std::exchange(first, false))
            out += ',';
        ASHLAR_CHECK(write(item, out));
    }
    out += ']';
    return {};
}

/// Watches the parser: a key twice, or too deep.
class Watch
{
public:
    bool operator()(int depth, SignedJson::parse_event_t event, const SignedJson& parsed)
    {
        using Event = SignedJson::parse_event_t;
        // What is refused in the end need not be kept.
        if (!problem_.empty())
            return false;
        if (event == Event::object_start)
            open_.emplace_back();
        else if (event == Event::object_end)
            open_.pop_back();
        else if (event == Event::key && !open_.back().insert(parsed.get<std::string>()).second)
            problem_ = "a key stands twice in one object";
        if (depth > SIGNED_JSON_DEPTH_MAX)
            problem_ = "it nests too deep";
        return problem_.empty();
    }

    [[nodiscard]] std::string_view problem() const noexcept { return problem_; }

private:
    std::vector<std::set<std::string>> open_;
    std::string_view problem_;
};

}  // namespace

Result<SignedJson> parse_signed_json(ByteView text)
{
    if (text.size() > SIGNED_JSON_BYTES_MAX)
        return fail(ErrorKind::invalid_input, "{} bytes of JSON, at most {} are read", text.size(),
            SIGNED_JSON_BYTES_MAX);
    Watch watch;
    auto json = SignedJson::parse(
        as_text(text),
        [&](int depth, SignedJson::parse_event_t event, const SignedJson& parsed) {
            return watch(depth, event, parsed);
        },
        false);
    if (!watch.problem().empty())
        return fail(ErrorKind::invalid_input, "the JSON is refused: {}", watch.problem());
    if (json.is_discarded())
        return fail(ErrorKind::invalid_input, "it is not JSON");
    return json;
}

Result<std::string> to_canonical_json(const SignedJson& value)
{
    std::string out;
    ASHLAR_CHECK(write(value, out));
    return out;
}

const SignedJson& member(const SignedJson& value, std::string_view name)
{
    static const SignedJson none;
    if (!value.is_object())
        return none;
    const auto found = value.find(name);
    return found == value.end() ? none : *found;
}

std::string text_member(const SignedJson& value, std::string_view name)
{
    const auto& found = member(value, name);
    return found.is_string() ? found.get<std::string>() : std::string{};
}

std::string to_base64(ByteView bytes)
{
    constexpr int VARIANT = sodium_base64_VARIANT_ORIGINAL;
    std::string out(sodium_base64_encoded_len(bytes.size(), VARIANT), '\0');
    sodium_bin2base64(out.data(), out.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
        bytes.size(), VARIANT);
    out.pop_back();
    return out;
}

Result<Bytes> from_base64(std::string_view text)
{
    Bytes out(text.size() / 4 * 3);
    std::size_t bytes = 0;
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(),
            text.size(), nullptr, &bytes, nullptr, sodium_base64_VARIANT_ORIGINAL) != 0)
        return fail(ErrorKind::invalid_input, "it is not base64");
    out.resize(bytes);
    return out;
}

}  // namespace ashlar
