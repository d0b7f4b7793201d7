#pragma once

/// Stored blobs in memory, as the object code reads and writes them.

#include "base/random.hpp"
#include "erasure/object_code.hpp"

namespace ashlar::test
{

class MemoryBlobs final : public SliceReader, public SliceWriter
{
public:
    explicit MemoryBlobs(std::uint64_t count)
      : blobs_(static_cast<std::size_t>(count), Bytes(BYTES_PER_BLOB))
    {}

    [[nodiscard]] Result<void> read(
        std::uint64_t stored, std::size_t element_begin, std::span<std::byte> out) const override
    {
        const auto slice =
            ByteView{blobs_[stored]}.subspan(element_begin * BYTES_PER_ELEMENT, out.size());
        std::ranges::copy(slice, out.begin());
        return {};
    }

    [[nodiscard]] Result<void> write(
        std::uint64_t stored, std::size_t element_begin, ByteView bytes) override
    {
        std::ranges::copy(bytes, blobs_[stored].begin() + static_cast<std::ptrdiff_t>(
                                                              element_begin * BYTES_PER_ELEMENT));
        return {};
    }

    [[nodiscard]] Bytes& operator[](std::uint64_t stored) { return blobs_[stored]; }
    [[nodiscard]] const Bytes& operator[](std::uint64_t stored) const { return blobs_[stored]; }
    [[nodiscard]] std::size_t size() const noexcept { return blobs_.size(); }

private:
    std::vector<Bytes> blobs_;
};

/// Fills a blob with random payload elements: a zero byte, then 31 random ones.
inline void fill_payload_blob(std::span<std::byte> blob, RandomSource& random)
{
    random.fill(blob);
    for (std::size_t e = 0; e < ELEMENTS_PER_BLOB; ++e)
        blob[e * BYTES_PER_ELEMENT] = std::byte{0};
}

}  // namespace ashlar::test
