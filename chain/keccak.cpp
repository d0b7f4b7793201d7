#include "chain/keccak.hpp"

#include <bit>

namespace ashlar
{
namespace
{

constexpr std::size_t KECCAK_LANES = 25;
constexpr std::size_t KECCAK_RATE_BYTES = 136;  ///< 1600 bits less twice the digest's.
constexpr std::size_t KECCAK_ROUNDS = 24;

using KeccakState = std::array<std::uint64_t, KECCAK_LANES>;

constexpr std::array<std::uint64_t, KECCAK_ROUNDS> ROUND_CONSTANTS{0x0000000000000001,
    0x0000000000008082, 0x800000000000808a, 0x8000000080008000, 0x000000000000808b,
    0x0000000080000001, 0x8000000080008081, 0x8000000000008009, 0x000000000000008a,
    0x0000000000000088, 0x0000000080008009, 0x000000008000000a, 0x000000008000808b,
    0x800000000000008b, 0x8000000000008089, 0x8000000000008003, 0x8000000000008002,
    0x8000000000000080, 0x000000000000800a, 0x800000008000000a, 0x8000000080008081,
    0x8000000000008080, 0x0000000080000001, 0x8000000080008008};

void mix_columns(KeccakState& a)
{
    std::array<std::uint64_t, 5> parity{};
    for (std::size_t i = 0; i < KECCAK_LANES; ++i)
        parity[i % 5] ^= a[i];
    for (std::size_t i = 0; i < KECCAK_LANES; ++i)
        a[i] ^= parity[(i + 4) % 5] ^ std::rotl(parity[(i + 1) % 5], 1);
}

/// ρ and π: lanes rotate by triangular numbers along the path that π walks from (1, 0).
void rotate_and_move(KeccakState& a)
{
    std::size_t x = 1;
    std::size_t y = 0;
    auto carried = a[1];
    for (int t = 0; t < 24; ++t)
    {
        const auto next_y = (2 * x + 3 * y) % 5;
        x = y;
        y = next_y;
        carried = std::exchange(a[x + 5 * y], std::rotl(carried, (t + 1) * (t + 2) / 2 % 64));
    }
}

void combine_rows(KeccakState& a)
{
    for (std::size_t row = 0; row < KECCAK_LANES; row += 5)
    {
        const std::array<std::uint64_t, 5> old{
            a[row], a[row + 1], a[row + 2], a[row + 3], a[row + 4]};
        for (std::size_t x = 0; x < 5; ++x)
            a[row + x] = old[x] ^ (~old[(x + 1) % 5] & old[(x + 2) % 5]);
    }
}

void absorb(KeccakState& state, std::span<const std::byte, KECCAK_RATE_BYTES> block)
{
    for (std::size_t i = 0; i < KECCAK_RATE_BYTES / 8; ++i)
        state[i] ^= load_little_endian<std::uint64_t>(block.subspan(8 * i).first<8>());
    for (const auto constant : ROUND_CONSTANTS)
    {
        mix_columns(state);
        rotate_and_move(state);
        combine_rows(state);
        state[0] ^= constant;
    }
}

}  // namespace

Bytes32 keccak256(ByteView bytes)
{
    KeccakState state{};
    for (; bytes.size() >= KECCAK_RATE_BYTES; bytes = bytes.subspan(KECCAK_RATE_BYTES))
        absorb(state, bytes.first<KECCAK_RATE_BYTES>());
    ByteArray<KECCAK_RATE_BYTES> last{};
    std::ranges::copy(bytes, last.begin());
    last[bytes.size()] ^= std::byte{0x01};
    last.back() ^= std::byte{0x80};
    absorb(state, last);
    Bytes32 digest;
    for (std::size_t i = 0; i < digest.size() / 8; ++i)
        std::ranges::copy(little_endian(state[i]), digest.begin() + static_cast<int>(8 * i));
    return digest;
}

}  // namespace ashlar
