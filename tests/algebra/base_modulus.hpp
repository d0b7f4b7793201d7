#pragma once

#include <string_view>

namespace ashlar::test
{

/// The base field's modulus p.
inline constexpr std::string_view BASE_MODULUS =
    "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffff"
    "aaab";

}  // namespace ashlar::test
