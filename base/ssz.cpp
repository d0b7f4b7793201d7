#include "base/ssz.hpp"

#include <bit>

#include "base/merkle.hpp"

namespace ashlar::ssz
{
namespace
{

constexpr std::size_t DEPTH_MAX = 64;

/// ZERO_ROOTS[d] = root of 2^d zero chunks.
const std::array<Bytes32, DEPTH_MAX>& zero_roots()
{
    static const auto roots = [] {
        std::array<Bytes32, DEPTH_MAX> out{};
        for (std::size_t d = 1; d < DEPTH_MAX; ++d)
            out[d] = hash_pair(out[d - 1], out[d - 1]);
        return out;
    }();
    return roots;
}

std::size_t depth_of(std::uint64_t chunk_limit)
{
    return static_cast<std::size_t>(
        std::countr_zero(std::bit_ceil(std::max<std::uint64_t>(chunk_limit, 1))));
}

std::vector<Bytes32> parents(const std::vector<Bytes32>& level, std::size_t height)
{
    std::vector<Bytes32> out((level.size() + 1) / 2);
    for (std::size_t i = 0; i < out.size(); ++i)
    {
        const bool has_right = 2 * i + 1 < level.size();
        out[i] = hash_pair(level[2 * i], has_right ? level[2 * i + 1] : zero_roots()[height]);
    }
    return out;
}

}  // namespace

Bytes32 chunk_of(std::uint64_t value) noexcept
{
    return chunk_of(ByteView{little_endian(value)});
}

Bytes32 chunk_of(ByteView bytes) noexcept
{
    ASHLAR_ASSERT(bytes.size() <= 32);
    Bytes32 out{};
    std::ranges::copy(bytes, out.begin());
    return out;
}

std::vector<Bytes32> pack(ByteView bytes)
{
    std::vector<Bytes32> out;
    out.reserve((bytes.size() + 31) / 32);
    for (std::size_t at = 0; at < bytes.size(); at += 32)
        out.push_back(chunk_of(bytes.subspan(at, std::min<std::size_t>(32, bytes.size() - at))));
    return out;
}

Bytes32 merkleize(std::span<const Bytes32> chunks, std::uint64_t chunk_limit)
{
    ASHLAR_ASSERT(chunks.size() <= std::max<std::uint64_t>(chunk_limit, 1));
    const auto depth = depth_of(chunk_limit);
    if (chunks.empty())
        return zero_roots()[depth];
    std::vector<Bytes32> level(chunks.begin(), chunks.end());
    for (std::size_t height = 0; height < depth; ++height)
        level = parents(level, height);
    return level.front();
}

Bytes32 mix_in_length(const Bytes32& root, std::uint64_t length)
{
    return hash_pair(root, chunk_of(length));
}

Bytes32 byte_list_root(ByteView bytes, std::uint64_t limit_bytes)
{
    return mix_in_length(merkleize(pack(bytes), (limit_bytes + 31) / 32), bytes.size());
}

Bytes32 byte_vector_root(ByteView bytes)
{
    return merkleize(pack(bytes), (bytes.size() + 31) / 32);
}

Bytes32 uint64_list_root(std::span<const std::uint64_t> values, std::uint64_t limit)
{
    Bytes packed;
    for (const auto value : values)
        append(packed, little_endian(value));
    return mix_in_length(merkleize(pack(packed), (limit * 8 + 31) / 32), values.size());
}

Bytes32 container_root(std::span<const Bytes32> field_roots)
{
    return merkleize(field_roots, field_roots.size());
}

Bytes32 list_root(std::span<const Bytes32> element_roots, std::uint64_t limit)
{
    return mix_in_length(merkleize(element_roots, limit), element_roots.size());
}

std::vector<Bytes32> chunk_path(
    std::span<const Bytes32> chunks, std::uint64_t chunk_limit, std::uint64_t index)
{
    const auto depth = depth_of(chunk_limit);
    ASHLAR_ASSERT(index < chunks.size() && chunks.size() <= chunk_limit);
    std::vector<Bytes32> path;
    std::vector<Bytes32> level(chunks.begin(), chunks.end());
    for (std::size_t height = 0; height < depth; ++height, index >>= 1)
    {
        const auto sibling = static_cast<std::size_t>(index ^ 1);
        path.push_back(sibling < level.size() ? level[sibling] : zero_roots()[height]);
        level = parents(level, height);
    }
    return path;
}

}  // namespace ashlar::ssz
