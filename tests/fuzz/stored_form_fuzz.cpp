// Whatever decodes fills a blob, as a difference or not, and can be encoded and decoded again. The
// first byte says how the rest is to be read: as a form, or as a zstd frame of so many bytes.

#include "checkpoint/stored_form.hpp"

namespace
{

using namespace ashlar;

constexpr std::size_t FRAME_CONTENT_MAX = 4096;

void run_frame(ByteView frame, std::size_t expected)
{
    Bytes out(expected);
    const auto done = ZstdDecoder{}.decompress(frame, out);
    ASHLAR_ASSERT(done || done.error().kind == ErrorKind::invalid_input);
}

void run_form(ByteView form)
{
    static const Bytes parent(PAYLOAD_BYTES_PER_BLOB, std::byte{0x5a});
    const PayloadBlob parent_blob{parent.data(), PAYLOAD_BYTES_PER_BLOB};
    Bytes payload(PAYLOAD_BYTES_PER_BLOB);
    const auto out = std::span<std::byte, PAYLOAD_BYTES_PER_BLOB>{payload.data(), payload.size()};
    StoredFormDecoder decoder;
    const auto done = decoder.decode(form, parent_blob, out);
    if (!done)
    {
        ASHLAR_ASSERT(done.error().kind == ErrorKind::invalid_input);
        return;
    }
    ASHLAR_ASSERT(summarize_stored_form(form).has_value());
    const StoredRun words{.bytes = PAYLOAD_BYTES_PER_BLOB, .width = 2, .texture = Texture::weights};
    const PayloadBlob blob{payload.data(), PAYLOAD_BYTES_PER_BLOB};
    const auto again = StoredFormEncoder{}.encode(blob, {&words, 1}, parent_blob);
    ASHLAR_ASSERT(again.size() <= STORED_FORM_BYTES_MAX);
    Bytes back(PAYLOAD_BYTES_PER_BLOB);
    const auto back_span = std::span<std::byte, PAYLOAD_BYTES_PER_BLOB>{back.data(), back.size()};
    ASHLAR_ASSERT(decoder.decode(again, parent_blob, back_span).has_value());
    ASHLAR_ASSERT(back == payload);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto bytes = std::as_bytes(std::span{data, size});
    if (bytes.empty())
        return 0;
    const auto kind = std::to_integer<std::size_t>(bytes.front());
    if (kind == 0)
        run_form(bytes.subspan(1));
    else
        run_frame(bytes.subspan(1), kind * 16 % FRAME_CONTENT_MAX);
    return 0;
}
