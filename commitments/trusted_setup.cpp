#include "commitments/trusted_setup.hpp"

#include <bit>

#include "base/cache.hpp"
#include "base/hash.hpp"
#include "base/parallel.hpp"
#include "base/random.hpp"
#include "base/shape.hpp"

// Symbols of trusted_setup_text.S.
// NOLINTBEGIN(readability-identifier-naming)
extern "C" const char ashlar_trusted_setup_text[];
extern "C" const char ashlar_trusted_setup_text_end[];
// NOLINTEND(readability-identifier-naming)

namespace ashlar
{
namespace
{

constexpr std::string_view SETUP_SHA256 =
    "d39b9f2d047cc9dca2de58f264b6a09448ccd34db967881a6713eacacf0f26b7";

// Form of the text: the two counts, then a point a line.
constexpr std::string_view COUNT_LINES = "4096\n65\n";
constexpr std::size_t G1_LINE_BYTES = 2 * BYTES_PER_G1 + 1;
constexpr std::size_t G2_LINE_BYTES = 2 * BYTES_PER_G2 + 1;
constexpr std::size_t G1_LINES_BYTES = SETUP_G1_POINTS * G1_LINE_BYTES;
constexpr std::size_t G2_LINES_BYTES = SETUP_G2_POINTS * G2_LINE_BYTES;
constexpr std::size_t TEXT_BYTES = COUNT_LINES.size() + 2 * G1_LINES_BYTES + G2_LINES_BYTES;

/// The points carry no subgroup check: they were checked by hash, and the ceremony by its
/// verifiers.
Result<std::vector<G1Affine>> parse_g1_lines(std::string_view lines)
{
    std::vector<G1Affine> out(SETUP_G1_POINTS);
    ASHLAR_CHECK(try_parallel_for(out.size(), [&](std::size_t i) -> Result<void> {
        const auto digits = lines.substr(i * G1_LINE_BYTES, G1_LINE_BYTES - 1);
        ASHLAR_TRY(const auto bytes, array_from_hex<BYTES_PER_G1>(digits));
        ASHLAR_TRY(out[i], G1Affine::decompress_trusted(bytes));
        return {};
    }));
    return out;
}

Result<std::vector<G2Affine>> parse_g2_lines(std::string_view lines)
{
    std::vector<G2Affine> out(SETUP_G2_POINTS);
    for (std::size_t i = 0; i < out.size(); ++i)
    {
        const auto digits = lines.substr(i * G2_LINE_BYTES, G2_LINE_BYTES - 1);
        ASHLAR_TRY(const auto bytes, array_from_hex<BYTES_PER_G2>(digits));
        ASHLAR_TRY(out[i], G2Affine::decompress(bytes));
    }
    return out;
}

/// The text lists Lagrange points in the natural order of the roots of unity.
std::vector<G1Affine> bit_reversed(const std::vector<G1Affine>& points)
{
    const auto bits = static_cast<unsigned>(std::countr_zero(points.size()));
    std::vector<G1Affine> out;
    out.reserve(points.size());
    for (std::size_t i = 0; i < points.size(); ++i)
        out.push_back(points[reverse_bits(i, bits)]);
    return out;
}

/// Points as blst has them in memory: in Montgomery form, by words of 64 bits.
std::string cache_file()
{
    return fmt::format("setup-{}", SETUP_SHA256.substr(0, 16));
}

template <typename Point>
void take_points(ByteView& bytes, std::size_t count, std::vector<Point>& out)
{
    static_assert(std::is_trivially_copyable_v<Point>);
    out.resize(count);
    std::memcpy(out.data(), bytes.data(), count * sizeof(Point));
    bytes = bytes.subspan(count * sizeof(Point));
}

std::string_view embedded_text()
{
    return {ashlar_trusted_setup_text, ashlar_trusted_setup_text_end};
}

template <typename Point>
bool is_at_line(const Point& point, std::string_view lines, std::size_t index)
{
    const auto digits = to_hex(point.compress());
    return lines.substr(index * (digits.size() + 1), digits.size()) == digits;
}

/// Points that another version of the program wrote, in a layout or order of its own, are not.
bool agrees_with_random_lines(const TrustedSetup& setup)
{
    constexpr auto BITS = static_cast<unsigned>(std::countr_zero(SETUP_G1_POINTS));
    const auto i = system_random().below(SETUP_G1_POINTS);
    const auto g2 = system_random().below(SETUP_G2_POINTS);
    const auto lagrange = embedded_text().substr(COUNT_LINES.size());
    const auto monomial_g2 = lagrange.substr(G1_LINES_BYTES);
    return is_at_line(setup.lagrange()[i], lagrange, reverse_bits(i, BITS)) &&
           is_at_line(setup.monomial_g2()[g2], monomial_g2, g2) &&
           is_at_line(setup.monomial()[i], monomial_g2.substr(G2_LINES_BYTES), i);
}

}  // namespace

const TrustedSetup& TrustedSetup::ethereum()
{
    static const auto setup = load();
    return setup;
}

TrustedSetup TrustedSetup::load()
{
    if (auto cached = from_cache())
        return *std::move(cached);
    auto parsed = parse(embedded_text());
    ASHLAR_ASSERT(parsed.has_value());
    parsed->to_cache();
    return *std::move(parsed);
}

std::optional<TrustedSetup> TrustedSetup::from_cache()
{
    Bytes bytes(2 * SETUP_G1_POINTS * sizeof(G1Affine) + SETUP_G2_POINTS * sizeof(G2Affine));
    if (!read_cache(cache_file(), bytes))
        return std::nullopt;
    TrustedSetup setup;
    auto rest = std::span<const std::byte>{bytes};
    take_points(rest, SETUP_G1_POINTS, setup.lagrange_);
    take_points(rest, SETUP_G1_POINTS, setup.monomial_);
    take_points(rest, SETUP_G2_POINTS, setup.monomial_g2_);
    if (!agrees_with_random_lines(setup))
        return std::nullopt;
    return setup;
}

void TrustedSetup::to_cache() const
{
    Bytes bytes;
    append(bytes, std::as_bytes(std::span{lagrange_}));
    append(bytes, std::as_bytes(std::span{monomial_}));
    append(bytes, std::as_bytes(std::span{monomial_g2_}));
    write_cache(cache_file(), bytes);
}

Result<TrustedSetup> TrustedSetup::parse(std::string_view text)
{
    if (to_hex(sha256(as_byte_view(text))) != SETUP_SHA256)
        return fail(ErrorKind::invalid_input, "trusted setup is not the Ethereum ceremony's");
    ASHLAR_ASSERT(text.size() == TEXT_BYTES && text.starts_with(COUNT_LINES));

    text.remove_prefix(COUNT_LINES.size());
    TrustedSetup setup;
    ASHLAR_TRY(const auto lagrange, parse_g1_lines(text.substr(0, G1_LINES_BYTES)));
    setup.lagrange_ = bit_reversed(lagrange);
    text.remove_prefix(G1_LINES_BYTES);
    ASHLAR_TRY(setup.monomial_g2_, parse_g2_lines(text.substr(0, G2_LINES_BYTES)));
    text.remove_prefix(G2_LINES_BYTES);
    ASHLAR_TRY(setup.monomial_, parse_g1_lines(text));
    return setup;
}

}  // namespace ashlar
