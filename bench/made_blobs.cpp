#include "bench/made_blobs.hpp"

#include <cstring>
#include <random>

#include "base/random.hpp"
#include "commitments/commitment.hpp"

namespace ashlar
{
namespace
{

constexpr std::size_t PAYLOAD_BYTES_PER_ELEMENT = 31;
constexpr std::size_t PAYLOAD_BYTES = ELEMENTS_PER_BLOB * PAYLOAD_BYTES_PER_ELEMENT;

std::span<std::byte> element(Bytes& blob, std::size_t e)
{
    return std::span{blob}.subspan(e * BYTES_PER_ELEMENT, BYTES_PER_ELEMENT);
}

Bytes pack(ByteView payload)
{
    Bytes blob(BYTES_PER_BLOB);
    for (std::size_t e = 0; e < ELEMENTS_PER_BLOB; ++e)
        std::ranges::copy(payload.subspan(e * PAYLOAD_BYTES_PER_ELEMENT, PAYLOAD_BYTES_PER_ELEMENT),
            element(blob, e).begin() + 1);
    return blob;
}

Bytes random_payload(std::uint64_t seed)
{
    SeededRandom random{seed};
    Bytes out(PAYLOAD_BYTES);
    random.fill(out);
    return out;
}

}  // namespace

Bytes random_blob(std::uint64_t seed)
{
    return pack(random_payload(seed));
}

Bytes weights_blob(std::uint64_t seed)
{
    constexpr float DEVIATION = 0.02F;
    std::mt19937_64 engine{seed};
    std::normal_distribution<float> normal{0, DEVIATION};
    Bytes payload(PAYLOAD_BYTES);
    for (std::size_t i = 0; i + 1 < payload.size(); i += 2)
    {
        std::uint32_t bits = 0;
        const float weight = normal(engine);
        std::memcpy(&bits, &weight, sizeof(bits));
        payload[i] = static_cast<std::byte>(bits >> 16);
        payload[i + 1] = static_cast<std::byte>(bits >> 24);
    }
    return pack(payload);
}

Bytes half_zero_blob(std::uint64_t seed)
{
    auto payload = random_payload(seed);
    std::ranges::fill(std::span{payload}.subspan(PAYLOAD_BYTES / 2), std::byte{0});
    return pack(payload);
}

Bytes all_equal_blob()
{
    return pack(Bytes(PAYLOAD_BYTES, std::byte{0x3c}));
}

Bytes few_values_blob(std::uint64_t seed)
{
    constexpr std::size_t VALUES = 256;
    auto blob = random_blob(seed);
    for (std::size_t e = VALUES; e < ELEMENTS_PER_BLOB; ++e)
        std::ranges::copy(element(blob, e * 97 % VALUES), element(blob, e).begin());
    return blob;
}

Bytes largest_blob()
{
    Bytes blob(BYTES_PER_BLOB);
    const auto largest = (-Fr::one()).to_bytes();
    for (std::size_t e = 0; e < ELEMENTS_PER_BLOB; ++e)
        std::ranges::copy(largest, element(blob, e).begin());
    return blob;
}

CommittedBlobs blob_multiples(std::size_t count, std::uint64_t seed)
{
    constexpr std::size_t ZERO_BYTES = 9;  // 256 bits less 184.
    auto base = random_blob(seed);
    for (std::size_t e = 0; e < ELEMENTS_PER_BLOB; ++e)
        std::ranges::fill(element(base, e).first(ZERO_BYTES), std::byte{0});
    const auto elements = BlobElements::parse(blob_view(base)).value();
    const G1 commitment{blob_to_kzg_commitment(blob_view(base)).value().point()};

    CommittedBlobs out;
    out.blobs.reserve(count * BYTES_PER_BLOB);
    SeededRandom random{seed};
    for (std::size_t i = 0; i < count; ++i)
    {
        const Fr factor = Fr::from_u64(1 + random.below(UINT64_MAX));
        for (const auto& value : elements.values())
            append(out.blobs, (value * factor).to_bytes());
        out.commitments.push_back((commitment * factor).compress());
    }
    return out;
}

}  // namespace ashlar
