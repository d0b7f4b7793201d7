#include "checkpoint/zstd_plane.hpp"

// For ZSTD_c_literalCompressionMode: negative levels code no literals unless they are told to.
#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>

namespace ashlar
{
namespace
{

/// So fast that it hardly looks for matches: only long runs are found.
constexpr int LEVEL_ENTROPY = -1000;
constexpr int LEVEL_SPARSE = 1;
constexpr int LEVEL_TEXT = 3;

/// Huffman spends at least a bit on a byte, an eighth of it; from a quarter down, matches may win.
constexpr std::size_t SPARSE_SHARE = 4;

}  // namespace

struct ZstdEncoder::State
{
    struct Free
    {
        void operator()(ZSTD_CCtx* old) const noexcept { ZSTD_freeCCtx(old); }
    };

    std::unique_ptr<ZSTD_CCtx, Free> context{ZSTD_createCCtx()};
    Bytes second;  ///< Where the second try goes.

    /// @return  0 if it does not fit.
    std::size_t compress(ByteView plane, int level, std::span<std::byte> out)
    {
        const auto set = [&](ZSTD_cParameter parameter, int value) {
            ASHLAR_ASSERT(!ZSTD_isError(ZSTD_CCtx_setParameter(context.get(), parameter, value)));
        };
        ZSTD_CCtx_reset(context.get(), ZSTD_reset_session_and_parameters);
        set(ZSTD_c_compressionLevel, level);
        set(ZSTD_c_literalCompressionMode, ZSTD_ps_enable);
        const auto bytes =
            ZSTD_compress2(context.get(), out.data(), out.size(), plane.data(), plane.size());
        return ZSTD_isError(bytes) != 0 ? 0 : bytes;
    }
};

ZstdEncoder::ZstdEncoder() : state_{std::make_unique<State>()}
{
    ASHLAR_ASSERT(state_->context != nullptr);
}

ZstdEncoder::ZstdEncoder(ZstdEncoder&&) noexcept = default;
ZstdEncoder& ZstdEncoder::operator=(ZstdEncoder&&) noexcept = default;
ZstdEncoder::~ZstdEncoder() = default;

std::size_t ZstdEncoder::compress(ByteView plane, Texture texture, std::span<std::byte> out)
{
    const auto room = out.first(std::min(out.size(), plane.empty() ? 0 : plane.size() - 1));
    if (texture == Texture::text)
        return state_->compress(plane, LEVEL_TEXT, room);
    const auto bytes = state_->compress(plane, LEVEL_ENTROPY, room);
    if (bytes == 0 || bytes > plane.size() / SPARSE_SHARE)
        return bytes;
    state_->second.resize(bytes);
    const auto sparse = state_->compress(plane, LEVEL_SPARSE, state_->second);
    if (sparse == 0 || sparse >= bytes)
        return bytes;
    std::copy_n(state_->second.begin(), sparse, out.begin());
    return sparse;
}

struct ZstdDecoder::State
{
    struct Free
    {
        void operator()(ZSTD_DCtx* old) const noexcept { ZSTD_freeDCtx(old); }
    };

    std::unique_ptr<ZSTD_DCtx, Free> context{ZSTD_createDCtx()};
};

ZstdDecoder::ZstdDecoder() : state_{std::make_unique<State>()}
{
    ASHLAR_ASSERT(state_->context != nullptr);
}

ZstdDecoder::ZstdDecoder(ZstdDecoder&&) noexcept = default;
ZstdDecoder& ZstdDecoder::operator=(ZstdDecoder&&) noexcept = default;
ZstdDecoder::~ZstdDecoder() = default;

Result<void> ZstdDecoder::decompress(ByteView frame, std::span<std::byte> out)
{
    // Unknown and unreadable sizes are numbers near 2⁶⁴, so they differ too.
    const auto declared = ZSTD_getFrameContentSize(frame.data(), frame.size());
    if (declared != out.size())
        return fail(
            ErrorKind::invalid_input, "a zstd frame declares other than {} bytes", out.size());
    if (ZSTD_findFrameCompressedSize(frame.data(), frame.size()) != frame.size())
        return fail(ErrorKind::invalid_input, "not one whole zstd frame");
    const auto bytes = ZSTD_decompressDCtx(
        state_->context.get(), out.data(), out.size(), frame.data(), frame.size());
    if (bytes != out.size())
        return fail(ErrorKind::invalid_input, "a zstd frame is broken or shorter than it declares");
    return {};
}

}  // namespace ashlar
