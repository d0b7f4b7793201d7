#pragma once

/// Blobs for tests: of each kind that a fast path could treat apart.

#include "base/random.hpp"
#include "commitments/blob.hpp"

namespace ashlar::test
{

/// r − 1, big-endian: the greatest element.
[[nodiscard]] inline Bytes32 greatest_element()
{
    return (-Fr::one()).to_bytes();
}

/// r, big-endian: the least value that is no element.
[[nodiscard]] inline Bytes32 modulus()
{
    auto bytes = greatest_element();
    bytes[31] |= std::byte{1};  // r is odd.
    return bytes;
}

inline void set_element(Bytes& blob, std::size_t index, const Bytes32& element)
{
    std::ranges::copy(
        element, blob.begin() + static_cast<std::ptrdiff_t>(index * BYTES_PER_ELEMENT));
}

[[nodiscard]] inline BlobView view(const Bytes& blob)
{
    return std::span{blob}.first<BYTES_PER_BLOB>();
}

[[nodiscard]] inline Bytes constant_blob(const Bytes32& element)
{
    Bytes blob(BYTES_PER_BLOB);
    for (std::size_t e = 0; e < ELEMENTS_PER_BLOB; ++e)
        set_element(blob, e, element);
    return blob;
}

/// Uniform elements.
[[nodiscard]] inline Bytes random_blob(std::uint64_t seed)
{
    SeededRandom random{seed};
    Bytes blob(BYTES_PER_BLOB);
    for (std::size_t e = 0; e < ELEMENTS_PER_BLOB; ++e)
    {
        Bytes64 wide;
        random.fill(wide);
        set_element(blob, e, Fr::reduce(std::span<const std::byte, 64>{wide}).to_bytes());
    }
    return blob;
}

/// Zero but for a few elements, the first and the last among them.
[[nodiscard]] inline Bytes sparse_blob()
{
    Bytes blob(BYTES_PER_BLOB);
    for (const std::size_t e : {0U, 1U, 2047U, 4095U})
        set_element(blob, e, Fr::from_u64(e + 7).to_bytes());
    return blob;
}

/// One of each kind.
[[nodiscard]] inline std::vector<Bytes> kinds_of_blobs()
{
    auto mixed = random_blob(3);
    for (std::size_t e = 0; e < ELEMENTS_PER_BLOB; e += 3)
        set_element(mixed, e, greatest_element());
    return {Bytes(BYTES_PER_BLOB), constant_blob(Fr::one().to_bytes()),
        constant_blob(greatest_element()), sparse_blob(), random_blob(1), random_blob(2), mixed};
}

}  // namespace ashlar::test
