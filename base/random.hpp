#pragma once

/// Randomness from libsodium, and a source that tests can seed.

#include "base/bytes.hpp"

namespace ashlar
{

/// Where unpredictable numbers come from. Implementations are thread-safe.
class RandomSource
{
public:
    virtual ~RandomSource() = default;
    virtual void fill(std::span<std::byte> out) = 0;

    /// Uniform in 0 … bound−1, without modulo bias.
    /// @pre bound > 0
    [[nodiscard]] std::uint64_t below(std::uint64_t bound);
};

/// The system's cryptographic generator (libsodium), seeded by the kernel.
[[nodiscard]] RandomSource& system_random();

/// A reproducible stream for tests and simulations: never for secrets or challenges.
class SeededRandom final : public RandomSource
{
public:
    explicit SeededRandom(std::uint64_t seed) noexcept : seed_{seed} {}
    void fill(std::span<std::byte> out) override;

private:
    std::uint64_t seed_;
    std::uint64_t counter_ = 0;
};

}  // namespace ashlar
