#pragma once

/// SHA-256 whose state another process can take up: of files that are hashed while they come.

#include <memory>

#include "base/bytes.hpp"

namespace ashlar
{

/// A running SHA-256. Not thread-safe.
class ResumableSha256
{
public:
    /// Input is taken in blocks of so many bytes; between two of them the state is 32 bytes.
    static constexpr std::uint64_t BLOCK_BYTES = 64;

    /// What is left of the bytes hashed so far.
    struct Progress
    {
        Bytes32 chaining_value{};  ///< FIPS 180-4, H⁽ⁱ⁾, big-endian.
        std::uint64_t bytes = 0;   ///< A multiple of BLOCK_BYTES.
    };

    ResumableSha256();

    /// Goes on after what another one hashed.
    /// @pre progress.bytes is a multiple of BLOCK_BYTES
    explicit ResumableSha256(const Progress& progress);
    ~ResumableSha256();
    ResumableSha256(ResumableSha256&&) noexcept;
    ResumableSha256& operator=(ResumableSha256&&) noexcept;

    void update(ByteView bytes);

    /// @pre a multiple of BLOCK_BYTES was hashed
    [[nodiscard]] Progress progress() const;

    /// Called once, and last.
    [[nodiscard]] Bytes32 finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace ashlar
