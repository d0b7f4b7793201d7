#include "sampling-client/verdict_text.hpp"

#include <cmath>

namespace ashlar
{
namespace
{

constexpr std::size_t NODES_NAMED_MAX = 8;

double percent(std::uint64_t part, std::uint64_t whole)
{
    return 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

/// Could these failures well be those of an object of which just K of S blobs can be had?
bool looks_like_exactly_k(const SampleReport& report)
{
    constexpr std::uint64_t SAMPLES_TO_TELL = 32;
    const double plausible = std::log(0.01);
    const auto share = lost_share(*report.shape);
    return report.samples >= SAMPLES_TO_TELL && report.failures > 0 &&
           log_tail_at_most(report.samples, report.failures, share) > plausible &&
           log_tail_at_least(report.samples, report.failures, share) > plausible;
}

/// @pre report.samples > 0
std::string describe_draws(const SampleReport& report)
{
    const auto& shape = *report.shape;
    const AcceptSchedule accept{hidden_share(shape, report.mode), report.error_asked};
    auto text = report.walk_failures == 0 ? std::string{}
                                          : fmt::format("; {} of {} walks were not served",
                                                report.walk_failures, report.walks);
    text += fmt::format("; {} of {} samples failed ({:.1f} %)", report.failures, report.samples,
        percent(report.failures, report.samples));
    if (!accept.draws_for(0))
        text += fmt::format("; with {} parity blobs among {} no {} samples can tell at this error",
            shape.parity_blobs(), shape.stored_count(), SAMPLES_MAX);
    else if (looks_like_exactly_k(report))
        text += fmt::format(
            ", which is what exactly {} of {} stored blobs would look like: just enough to "
            "recover, but too close to tell from one too few",
            shape.data_blobs(), shape.stored_count());
    return text;
}

/// "; <what> 0, 3, 5" for the members of whom `is_meant` holds; nothing if there are none.
template <typename Predicate>
std::string list_members(
    std::string_view what, std::span<const MemberTally> members, Predicate&& is_meant)
{
    std::string text;
    std::size_t count = 0;
    for (std::size_t m = 0; m < members.size(); ++m)
    {
        if (is_meant(members[m]) && ++count <= NODES_NAMED_MAX)
            text += count == 1 ? fmt::format("; {} {}", what, m) : fmt::format(", {}", m);
    }
    if (count > NODES_NAMED_MAX)
        text += fmt::format(" and {} more", count - NODES_NAMED_MAX);
    return text;
}

std::string describe_members(std::span<const MemberTally> members)
{
    return list_members("nodes that failed:", members, [](const MemberTally& tally) {
        return tally.failed > 0;
    }) + list_members("nodes with false answers:", members, [](const MemberTally& tally) {
        return tally.false_answers > 0;
    });
}

}  // namespace

std::string reason_available(const SampleReport& report)
{
    const auto& shape = *report.shape;
    const auto walks = report.full_commitments
                           ? std::string{"all commitments are a codeword's; "}
                           : fmt::format("{} of {} walks pass; ",
                                 report.walks - report.walk_failures, report.walks);
    return fmt::format(
        "{}{} of {} samples hold; if {} of the {} stored blobs were lost, so few would fail with "
        "probability at most {:.2g}",
        walks, report.samples - report.failures, report.samples, shape.parity_blobs() + 1,
        shape.stored_count(), *report.error_achieved);
}

std::string reason_unavailable(const SampleReport& report)
{
    const auto& shape = *report.shape;
    return fmt::format(
        "{} of {} samples failed; if {} of the {} stored blobs could be had, so many would fail "
        "with probability at most {:.2g}{}",
        report.failures, report.samples, shape.data_blobs(), shape.stored_count(),
        *report.error_achieved, describe_members(report.members));
}

std::string reason_unconfirmed(const SampleReport& report, std::string_view why_stopped)
{
    return fmt::format("{}{}{}", why_stopped,
        report.shape && report.samples > 0 ? describe_draws(report) : "",
        describe_members(report.members));
}

}  // namespace ashlar
