#pragma once

/// Byte strings of known length through zstd (RFC 8878), one frame each, within fixed memory.

#include <memory>

#include "base/bytes.hpp"

namespace ashlar
{

/// What the bytes look like, which decides how zstd is asked to work.
enum class Texture : std::uint8_t
{
    weights,  ///< Numbers: what they share is their distribution, not strings. Entropy coding.
    text,     ///< JSON, tables: strings that occur again.
};

/// Working memory of zstd's compressor. Not thread-safe: one per thread.
class ZstdEncoder
{
public:
    ZstdEncoder();
    ZstdEncoder(ZstdEncoder&&) noexcept;
    ZstdEncoder& operator=(ZstdEncoder&&) noexcept;
    ~ZstdEncoder();

    /// Compresses `plane` into the beginning of `out`, in one frame that says its content's size.
    ///
    /// Weights are coded by Huffman alone, which on exponents of trained and of random weights is
    /// both smaller and four times as fast as zstd's levels 1 and up: their matches are accidents.
    /// What comes out very small (a sparse difference, zeros) is tried again at level 1.
    ///
    /// @return  the frame's bytes; 0 if it would not be shorter than the plane or than `out`.
    [[nodiscard]] std::size_t compress(ByteView plane, Texture texture, std::span<std::byte> out);

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Working memory of zstd's decompressor. Not thread-safe: one per thread.
class ZstdDecoder
{
public:
    ZstdDecoder();
    ZstdDecoder(ZstdDecoder&&) noexcept;
    ZstdDecoder& operator=(ZstdDecoder&&) noexcept;
    ~ZstdDecoder();

    /// Fills `out` from exactly one frame. Allocates nothing, whatever the frame claims: not for
    /// its window, for the whole content is in `out`.
    ///
    /// @return  invalid_input unless `frame` is one whole frame, no byte more, that declares
    ///          out.size() bytes of content and has them; `out` then holds no meaning.
    [[nodiscard]] Result<void> decompress(ByteView frame, std::span<std::byte> out);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace ashlar
