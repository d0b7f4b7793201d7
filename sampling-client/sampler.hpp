#pragma once

/// Can the whole object still be had? A light client's answer, from a few random samples.
/// DESIGN §4.
///
/// Commitments come to count by walks, each alone, or, with `full_commitments`, by the published
/// full check of all of them; samples are checked against them in the same way.

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
    bool full_commitments = false;  ///< Take all commitments instead of walks.

    /// No question starts later, and those on their way are cancelled where a node can.
    std::chrono::milliseconds deadline = std::chrono::seconds{60};
    std::size_t parallel = 16;  ///< 1 … PARALLEL_QUESTIONS_MAX

    /// A question that is so long without an answer goes to another member too.
    std::chrono::milliseconds hedge_after = std::chrono::seconds{1};
    std::filesystem::path evidence_folder{};  ///< Empty: no evidence is kept.
    const Clock* clock = &system_clock();     ///< Not null.
};

enum class Verdict : std::uint8_t
{
    available,    ///< All of the object can be recovered, except with probability ε.
    unavailable,  ///< Fewer than K of the S blobs can be had, except with probability ε.
    unconfirmed,  ///< Neither could be said; the reason says why.
    invalid,      ///< The publisher's commitments are no codeword, which nobody can change.
};

[[nodiscard]] std::string_view to_string(Verdict verdict) noexcept;

struct SampleReport
{
    Bytes32 object_root{};
    Verdict verdict = Verdict::unconfirmed;
    std::string reason;  ///< One sentence for people.

    SampleMode mode = SampleMode::cell;
    bool full_commitments = false;
    double error_asked = 0;

    /// Least ε at which the draws give this verdict; for UNCONFIRMED, at which they would give
    /// AVAILABLE. At most 1; nothing where no draw was made.
    std::optional<double> error_achieved;

    std::optional<ObjectShape> shape;  ///< Nothing if no node gave the header.
    std::uint64_t samples = 0;         ///< Draws that count: asked, answered or not, checked.
    std::uint64_t failures = 0;        ///< Of them: no answer or a false one.
    std::uint64_t walks = 0;           ///< Draws whose walk counts; 0 with all commitments.
    std::uint64_t walk_failures = 0;   ///< Of them: nobody gave it.
    std::uint64_t bytes_received = 0;  ///< Headers, walks, samples, …; without framing.

    /// Both ways, with TLS and all framing, and the committee file: what a phone would pay. For
    /// whoever knows the sockets to fill in.
    std::optional<std::uint64_t> socket_bytes;
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
    std::span<LightNodeApi* const> nodes, RandomSource& random, const SampleOptions& options,
    ProgressListener& progress);

/// As sample(), of nodes that can do more.
[[nodiscard]] Result<SampleReport> sample(const Bytes32& object_root, const Committee& committee,
    std::span<NodeApi* const> nodes, RandomSource& random, const SampleOptions& options,
    ProgressListener& progress);

}  // namespace ashlar
