#pragma once

/// The Ethereum KZG ceremony's setup, embedded in the binary and checked against its SHA-256.

#include <optional>

#include "algebra/g2.hpp"

namespace ashlar
{

inline constexpr std::size_t SETUP_G1_POINTS = 4096;
inline constexpr std::size_t SETUP_G2_POINTS = 65;

/// Points of the setup. Immutable; threads share the one instance.
class TrustedSetup
{
public:
    /// The ceremony's setup, which the first use loads.
    [[nodiscard]] static const TrustedSetup& ethereum();

    /// The ceremony's setup anew. Its points are read from the user's cache (base/cache.hpp) if one
    /// of each list, at random, is the text's; or else decompressed in about 0.2 s on one core.
    [[nodiscard]] static TrustedSetup load();

    /// Parses c-kzg's text form: two counts, then 4096 Lagrange G1, 65 monomial G2 and 4096
    /// monomial G1 points in hexadecimal.
    /// @return  invalid_input unless the text has the expected SHA-256 and form.
    [[nodiscard]] static Result<TrustedSetup> parse(std::string_view text);

    /// [Lᵢ(τ)]₁ in bit-reversed order: the order of a blob's elements.
    [[nodiscard]] std::span<const G1Affine> lagrange() const noexcept { return lagrange_; }

    /// [τⁱ]₁, i = 0 … 4095.
    [[nodiscard]] std::span<const G1Affine> monomial() const noexcept { return monomial_; }

    /// [τⁱ]₂, i = 0 … 64.
    [[nodiscard]] std::span<const G2Affine> monomial_g2() const noexcept { return monomial_g2_; }

private:
    TrustedSetup() = default;

    static std::optional<TrustedSetup> from_cache();
    void to_cache() const;

    std::vector<G1Affine> lagrange_;
    std::vector<G1Affine> monomial_;
    std::vector<G2Affine> monomial_g2_;
};

}  // namespace ashlar
