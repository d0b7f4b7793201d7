#pragma once

/// When to stop drawing samples: the looks of DESIGN §4, from exact binomial tails.

#include <optional>

#include "base/shape.hpp"

namespace ashlar
{

/// Draws that a client makes at most; after so many without a verdict it is UNCONFIRMED.
inline constexpr std::uint64_t SAMPLES_MAX = 4096;

/// UNAVAILABLE is looked at after 128, 256, … 4096 draws.
inline constexpr std::uint64_t UNAVAILABLE_LOOK_FIRST = 128;
inline constexpr unsigned UNAVAILABLE_LOOKS = 6;
static_assert(UNAVAILABLE_LOOK_FIRST << (UNAVAILABLE_LOOKS - 1) == SAMPLES_MAX);

/// What one sample reads.
enum class SampleMode : std::uint8_t
{
    cell,  ///< One of the blob's 128 cells, with its proof.
    blob,  ///< The whole blob.
};

/// An exact probability, 0 < numerator ≤ denominator.
struct Fraction
{
    std::uint64_t numerator;
    std::uint64_t denominator;

    friend bool operator==(const Fraction&, const Fraction&) = default;
};

/// Least share of draws that fail if the object cannot be recovered: P + 1 blobs are lost, each
/// with 65 cells (64 give back a blob) or, where whole blobs are sampled, as a whole.
[[nodiscard]] Fraction hidden_share(const ObjectShape& shape, SampleMode mode) noexcept;

/// Greatest share of draws that fail if some K of the S blobs can be had: P / S.
[[nodiscard]] Fraction lost_share(const ObjectShape& shape) noexcept;

/// ln P[Bin(n, p) ≤ k], never less than the true value and at most 2·10⁻⁶ above it.
/// @pre n ≤ SAMPLES_MAX
[[nodiscard]] double log_tail_at_most(std::uint64_t n, std::uint64_t k, Fraction p);

/// ln P[Bin(n, p) ≥ k], as log_tail_at_most().
/// @pre n ≤ SAMPLES_MAX, p < 1
[[nodiscard]] double log_tail_at_least(std::uint64_t n, std::uint64_t k, Fraction p);

/// Accepting, where each draw fails with probability p or more if there is nothing to accept.
/// Look t comes after s_t draws, s_t least with P[Bin(s_t, p) ≤ t] ≤ ε·2^−(t+1), and accepts if
/// at most t of them failed: all looks together err with probability ≤ ε. Samples have one such
/// schedule, walks (p = 1/4) another.
class AcceptSchedule
{
public:
    /// @pre 0 < error < 1
    AcceptSchedule(Fraction p, double error) noexcept : p_{p}, error_{error} {}

    /// s_t for t = failures; nothing if it is over SAMPLES_MAX.
    [[nodiscard]] std::optional<std::uint64_t> draws_for(std::uint64_t failures) const;

    /// Would some look up to `draws` accept? @pre that many of the first `draws` failed
    [[nodiscard]] bool accepts(std::uint64_t draws, std::uint64_t failures) const;

    /// Least ε at which look t = failures accepts after `draws` draws; at most 1.
    [[nodiscard]] double achieved_error(std::uint64_t draws, std::uint64_t failures) const;

private:
    Fraction p_;
    double error_;
};

/// Refusing, where each draw fails with probability p or less if K of S blobs can be had. Look i
/// comes after n = 128·2^i draws and refuses if P[Bin(n, p) ≥ failures] ≤ ε·2^−(i+1).
class RefuseSchedule
{
public:
    /// @pre 0 < error < 1
    RefuseSchedule(Fraction p, double error) noexcept : p_{p}, error_{error} {}

    /// The first look after more than `draws` draws; nothing after the last.
    [[nodiscard]] static std::optional<std::uint64_t> next_look(std::uint64_t draws) noexcept;

    /// False where `draws` is no look.
    [[nodiscard]] bool refuses(std::uint64_t draws, std::uint64_t failures) const;

    /// Least ε at which the look after `draws` draws refuses; at most 1, and 1 if there is none.
    [[nodiscard]] double achieved_error(std::uint64_t draws, std::uint64_t failures) const;

private:
    Fraction p_;
    double error_;
};

}  // namespace ashlar
