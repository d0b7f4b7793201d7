#include "checkpoint/dtype.hpp"

#include <algorithm>
#include <array>

namespace ashlar
{
namespace
{

constexpr DtypeInfo plain(std::uint8_t number, std::string_view name, std::uint16_t bits)
{
    return {Dtype{number}, name, 1, bits};
}

constexpr DtypeInfo ggml(std::uint8_t type, std::string_view name, std::uint16_t block_elements,
    std::uint16_t block_bytes)
{
    const auto number = static_cast<std::uint8_t>(DTYPE_GGUF_BASE + type);
    return {Dtype{number}, name, block_elements, static_cast<std::uint16_t>(8 * block_bytes)};
}

constexpr std::array KNOWN{
    plain(1, "BOOL", 8),
    plain(2, "U8", 8),
    plain(3, "I8", 8),
    plain(4, "F8_E5M2", 8),
    plain(5, "F8_E4M3", 8),
    plain(6, "I16", 16),
    plain(7, "U16", 16),
    plain(8, "F16", 16),
    plain(9, "BF16", 16),
    plain(10, "I32", 32),
    plain(11, "U32", 32),
    plain(12, "F32", 32),
    plain(13, "F64", 64),
    plain(14, "I64", 64),
    plain(15, "U64", 64),
    plain(16, "F4", 4),
    plain(17, "F6_E2M3", 6),
    plain(18, "F6_E3M2", 6),
    plain(19, "F8_E8M0", 8),
    plain(20, "F8_E4M3FNUZ", 8),
    plain(21, "F8_E5M2FNUZ", 8),
    plain(22, "C64", 64),
    ggml(0, "GGML_F32", 1, 4),
    ggml(1, "GGML_F16", 1, 2),
    ggml(2, "GGML_Q4_0", 32, 18),
    ggml(3, "GGML_Q4_1", 32, 20),
    ggml(6, "GGML_Q5_0", 32, 22),
    ggml(7, "GGML_Q5_1", 32, 24),
    ggml(8, "GGML_Q8_0", 32, 34),
    ggml(9, "GGML_Q8_1", 32, 36),
    ggml(10, "GGML_Q2_K", 256, 84),
    ggml(11, "GGML_Q3_K", 256, 110),
    ggml(12, "GGML_Q4_K", 256, 144),
    ggml(13, "GGML_Q5_K", 256, 176),
    ggml(14, "GGML_Q6_K", 256, 210),
    ggml(15, "GGML_Q8_K", 256, 292),
    ggml(16, "GGML_IQ2_XXS", 256, 66),
    ggml(17, "GGML_IQ2_XS", 256, 74),
    ggml(18, "GGML_IQ3_XXS", 256, 98),
    ggml(19, "GGML_IQ1_S", 256, 50),
    ggml(20, "GGML_IQ4_NL", 32, 18),
    ggml(21, "GGML_IQ3_S", 256, 110),
    ggml(22, "GGML_IQ2_S", 256, 82),
    ggml(23, "GGML_IQ4_XS", 256, 136),
    ggml(24, "GGML_I8", 1, 1),
    ggml(25, "GGML_I16", 1, 2),
    ggml(26, "GGML_I32", 1, 4),
    ggml(27, "GGML_I64", 1, 8),
    ggml(28, "GGML_F64", 1, 8),
    ggml(29, "GGML_IQ1_M", 256, 56),
    ggml(30, "GGML_BF16", 1, 2),
    ggml(34, "GGML_TQ1_0", 256, 54),
    ggml(35, "GGML_TQ2_0", 256, 66),
    ggml(39, "GGML_MXFP4", 32, 17),
    ggml(40, "GGML_NVFP4", 64, 36),
    ggml(41, "GGML_Q1_0", 128, 18),
};
static_assert(std::ranges::is_sorted(KNOWN, {}, &DtypeInfo::dtype));

Result<std::uint64_t> checked_product(std::uint64_t a, std::uint64_t b)
{
    std::uint64_t product = 0;
    if (__builtin_mul_overflow(a, b, &product))
        return fail(ErrorKind::invalid_input, "the tensor's size passes 64 bits");
    return product;
}

}  // namespace

std::optional<DtypeInfo> describe(Dtype dtype) noexcept
{
    const auto found = std::ranges::lower_bound(KNOWN, dtype, {}, &DtypeInfo::dtype);
    if (found == KNOWN.end() || found->dtype != dtype)
        return std::nullopt;
    return *found;
}

bool is_defined(Dtype dtype) noexcept
{
    const auto number = static_cast<std::uint8_t>(dtype);
    return number <= DTYPE_SAFETENSORS_MAX || number >= DTYPE_GGUF_BASE;
}

std::optional<Dtype> safetensors_dtype(std::string_view name) noexcept
{
    const auto found = std::ranges::find(KNOWN, name, &DtypeInfo::name);
    const bool safetensors = found != KNOWN.end() && found->dtype <= Dtype{DTYPE_SAFETENSORS_MAX};
    return safetensors ? std::optional{found->dtype} : std::nullopt;
}

std::string to_string(Dtype dtype)
{
    if (dtype == Dtype::unknown)
        return "unknown";
    if (const auto info = describe(dtype))
        return std::string{info->name};
    return fmt::format("dtype {}", static_cast<unsigned>(dtype));
}

Result<std::uint64_t> element_count(std::span<const std::uint64_t> shape)
{
    std::uint64_t count = 1;
    for (const auto dimension : shape)
    {
        ASHLAR_TRY(count, checked_product(count, dimension));
    }
    return count;
}

Result<std::uint64_t> tensor_bytes(const DtypeInfo& info, std::span<const std::uint64_t> shape)
{
    ASHLAR_TRY(const auto elements, element_count(shape));
    const auto row = shape.empty() ? 1 : shape.front();
    if (row % info.block_elements != 0)
        return fail(ErrorKind::invalid_input,
            "a row of {} elements is no multiple of {}'s block, {}", row, info.name,
            info.block_elements);
    ASHLAR_TRY(const auto bits, checked_product(elements / info.block_elements, info.block_bits));
    if (bits % 8 != 0)
        return fail(ErrorKind::invalid_input, "{} bits do not end at a byte", bits);
    return bits / 8;
}

}  // namespace ashlar
