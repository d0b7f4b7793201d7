#pragma once

/// Can the whole object still be had? A light client's answer, from a few random samples.
/// DESIGN §4.
///
/// This mode takes all commitments and makes the published full check; the samples that follow
/// are the same whichever way commitments came to count.

#include <filesystem>

#include "base/progress.hpp"
#include "base/random.hpp"
#include "sampling-client/member_book.hpp"
#include "sampling-client/schedule.hpp"

namespace ashlar
{

/// Questions on their way at once, at most.
inline constexpr std::size_t PARALLEL_QUESTIONS_MAX = 256;

struct SampleOptions
{
    double error = 1e-9;  ///< ε: the probability of a wrong verdict, 0 < ε < 1.
    SampleMode mode = SampleMode::cell;

    /// No question starts later; one on its way keeps its own deadline (NodeApi).
    std::chrono::milliseconds deadline = std::chrono::seconds{60};
    std::size_t parallel = 16;                ///< 1 … PARALLEL_QUESTIONS_MAX
    std::filesystem::path evidence_folder{};  ///< Empty: no evidence is kept.
    const Clock* clock = &system_clock();     ///< Not null.
};

enum class Verdict : std::uint8_t
{
    available,    ///< All of the object can be recovered, except with probability ε.
    unavailable,  ///< Fewer than K of the S blobs can be had, except with probability ε.
    unconfirmed,  ///< Neither could be said; the reason says why.
    invalid,      ///< The publisher's commitments are no codeword.
};

[[nodiscard]] std::string_view to_string(Verdict verdict) noexcept;

struct SampleReport
{
    Bytes32 object_root{};
    Verdict verdict = Verdict::unconfirmed;
    std::string reason;  ///< One sentence for people.

    SampleMode mode = SampleMode::cell;
    double error_asked = 0;

    /// Least ε at which the draws give this verdict; for UNCONFIRMED, at which they would give
    /// AVAILABLE. At most 1; nothing where no draw was made.
    std::optional<double> error_achieved;

    std::optional<ObjectShape> shape;  ///< Nothing if no node gave the header.
    std::uint64_t samples = 0;         ///< Draws that count: asked, answered or not, checked.
    std::uint64_t failures = 0;        ///< Of them: no answer or a false one.
    std::uint64_t bytes_received = 0;  ///< Headers, commitments, samples; without framing.
    double seconds = 0;
    std::vector<MemberTally> members;  ///< In member order.
    std::vector<std::filesystem::path> evidence;
};

/// Samples an object until there is a verdict.
///
/// The draws are this client's own and never depend on who answers. Verdicts look at complete
/// prefixes of them, in the order they were drawn.
///
/// @param nodes   One a member, in member order; null where there is none.
/// @param random  Must be unpredictable to nodes (system_random()); tests seed it.
/// @return  invalid_input for options out of range or an evidence folder that cannot be made;
///          not_found if every member answered and none knows the root. All else is a verdict.
[[nodiscard]] Result<SampleReport> sample(const Bytes32& object_root, const Committee& committee,
    std::span<NodeApi* const> nodes, RandomSource& random, const SampleOptions& options,
    ProgressListener& progress);

}  // namespace ashlar
