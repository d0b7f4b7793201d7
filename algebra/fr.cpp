#include "algebra/fr.hpp"

#include "base/random.hpp"

namespace ashlar
{
namespace
{

/// 2^32 divides r − 1 and 2^33 does not.
constexpr unsigned TWO_ADICITY = 32;

const byte* raw(std::span<const std::byte> bytes) noexcept
{
    return reinterpret_cast<const byte*>(bytes.data());
}

}  // namespace

Fr Fr::from_u64(std::uint64_t value) noexcept
{
    const std::uint64_t limbs[4] = {value, 0, 0, 0};
    Fr out;
    blst_fr_from_uint64(&out.value_, limbs);
    return out;
}

bool Fr::parse_scalar(std::span<const std::byte, 32> bytes, blst_scalar& out) noexcept
{
    blst_scalar_from_bendian(&out, raw(bytes));
    return blst_scalar_fr_check(&out);
}

bool Fr::parse_into(std::span<const std::byte, 32> bytes, Fr& out) noexcept
{
    blst_scalar scalar;
    if (!parse_scalar(bytes, scalar))
        return false;
    blst_fr_from_scalar(&out.value_, &scalar);
    return true;
}

Result<Fr> Fr::parse(std::span<const std::byte, 32> bytes)
{
    Fr out;
    if (!parse_into(bytes, out))
        return fail(ErrorKind::invalid_input, "field element is not below the modulus");
    return out;
}

Fr Fr::reduce(std::span<const std::byte, 64> bytes) noexcept
{
    blst_scalar scalar;
    blst_scalar_from_be_bytes(&scalar, raw(bytes), bytes.size());
    Fr out;
    blst_fr_from_scalar(&out.value_, &scalar);
    return out;
}

Fr Fr::reduce(std::span<const std::byte, 32> bytes) noexcept
{
    blst_scalar scalar;
    blst_scalar_from_be_bytes(&scalar, raw(bytes), bytes.size());
    Fr out;
    blst_fr_from_scalar(&out.value_, &scalar);
    return out;
}

blst_scalar Fr::to_scalar() const noexcept
{
    blst_scalar out;
    blst_scalar_from_fr(&out, &value_);
    return out;
}

Bytes32 Fr::to_bytes() const noexcept
{
    const auto scalar = to_scalar();
    Bytes32 out;
    blst_bendian_from_scalar(reinterpret_cast<byte*>(out.data()), &scalar);
    return out;
}

bool Fr::is_zero() const noexcept
{
    return *this == Fr{};
}

Fr Fr::pow(std::uint64_t exponent) const noexcept
{
    Fr result = one();
    for (Fr base = *this; exponent != 0; exponent >>= 1, base *= base)
    {
        if ((exponent & 1) != 0)
            result *= base;
    }
    return result;
}

Fr Fr::inverse() const noexcept
{
    Fr out;
    blst_fr_eucl_inverse(&out.value_, &value_);
    return out;
}

void batch_invert(std::span<Fr> values)
{
    // prefix[i] = product of the non-zero values before i.
    std::vector<Fr> prefix(values.size());
    Fr product = Fr::one();
    for (std::size_t i = 0; i < values.size(); ++i)
    {
        prefix[i] = product;
        if (!values[i].is_zero())
            product *= values[i];
    }
    Fr inverse = product.inverse();
    for (std::size_t i = values.size(); i-- > 0;)
    {
        if (values[i].is_zero())
            continue;
        const Fr inverted = inverse * prefix[i];
        inverse *= values[i];
        values[i] = inverted;
    }
}

std::vector<Fr> powers(const Fr& x, std::size_t count)
{
    std::vector<Fr> out(count);
    Fr power = Fr::one();
    for (auto& value : out)
    {
        value = power;
        power *= x;
    }
    return out;
}

Fr root_of_unity(unsigned log_size) noexcept
{
    ASHLAR_ASSERT(log_size <= TWO_ADICITY);
    // (r − 1)/2^32, most significant limb first.
    constexpr std::uint64_t ODD_PART[4] = {
        0x0000000073eda753, 0x299d7d483339d808, 0x09a1d80553bda402, 0xfffe5bfeffffffff};
    static const Fr primitive = [&] {
        Fr root = Fr::one();
        const Fr generator = Fr::from_u64(7);
        for (const auto limb : ODD_PART)
        {
            for (int bit = 63; bit >= 0; --bit)
            {
                root *= root;
                if (((limb >> bit) & 1) != 0)
                    root *= generator;
            }
        }
        return root;
    }();
    Fr root = primitive;
    for (unsigned level = log_size; level < TWO_ADICITY; ++level)
        root *= root;
    return root;
}

Fr random_coefficient_128()
{
    Bytes32 bytes{};
    system_random().fill(std::span{bytes}.last<16>());
    return Fr::reduce(std::span<const std::byte, 32>{bytes});
}

Fr random_fr()
{
    Bytes64 bytes;
    system_random().fill(bytes);
    return Fr::reduce(std::span<const std::byte, 64>{bytes});
}

}  // namespace ashlar
