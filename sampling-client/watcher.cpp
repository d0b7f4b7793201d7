#include "sampling-client/watcher.hpp"

#include "base/log.hpp"

namespace ashlar
{

Watcher::Watcher(Parts parts, WatchOptions options, WatchState state)
  : parts_{std::move(parts)}, options_{options}, state_{std::move(state)}
{}

Result<std::size_t> Watcher::follow()
{
    ASHLAR_CHECK(rewind_to_chain());
    ASHLAR_TRY(const auto head, parts_.node.block_number());
    if (head < options_.confirmations || head - options_.confirmations < state_.next_block)
        return std::size_t{0};
    const auto deep_enough = head - options_.confirmations;
    const auto last = std::min(deep_enough, state_.next_block + (options_.blocks_per_query - 1));
    ASHLAR_CHECK(take_in(last));
    ASHLAR_CHECK(parts_.save(state_));
    return std::size_t{last < deep_enough ? 1U : 0U};
}

Result<void> Watcher::rewind_to_chain()
{
    auto marks = state_.marks;
    while (!marks.empty())
    {
        const auto block = parts_.node.block_at(marks.back().number);
        if (block && block->hash == marks.back().hash)
            break;
        // A chain that is shorter by now has no such block at all.
        if (!block && block.error().kind != ErrorKind::not_found)
            return tl::unexpected{block.error()};
        marks.pop_back();
    }
    if (marks.size() == state_.marks.size())
        return {};
    state_.next_block = marks.empty() ? options_.first_block : marks.back().number + 1;
    std::erase_if(state_.versions, [&](const WatchedVersion& version) {
        return version.event.block_number >= state_.next_block;
    });
    spdlog::warn("the chain was reorganised: following again from block {}", state_.next_block);
    state_.marks = std::move(marks);
    ++state_.reorganisations;
    return parts_.save(state_);
}

Result<void> Watcher::take_in(std::uint64_t last)
{
    ASHLAR_TRY(const auto before, parts_.node.block_at(last));
    ASHLAR_TRY(const auto logs, parts_.node.logs({.contract = state_.registry,
                                    .topic = anchored_topic(),
                                    .first_block = state_.next_block,
                                    .last_block = last}));
    std::vector<AnchoredEvent> events;
    for (const auto& log : logs)
    {
        ASHLAR_TRY(const auto event, parse_anchored(log));
        events.push_back(event);
    }
    // Events belong to this chain only if it is still the same after them.
    ASHLAR_TRY(const auto after, parts_.node.block_at(last));
    if (before.hash != after.hash)
        return fail(
            ErrorKind::unavailable, "the chain was reorganised at block {} meanwhile", last);
    add_events(events);
    state_.next_block = last + 1;
    state_.marks.push_back({.number = last, .hash = before.hash});
    if (state_.marks.size() > BLOCK_MARKS_MAX)
        state_.marks.erase(state_.marks.begin());
    forget_superseded();
    return {};
}

void Watcher::add_events(std::span<const AnchoredEvent> events)
{
    for (const auto& event : events)
    {
        if (state_.versions.size() == WATCHED_VERSIONS_MAX)
        {
            ++state_.events_left;
            continue;
        }
        spdlog::info("anchored in block {}: 0x{}", event.block_number, to_hex(event.object_root));
        state_.versions.push_back({.event = event});
    }
}

void Watcher::forget_superseded()
{
    // A version that another replaced may come back only while a mark can be rewound to.
    const auto oldest = state_.marks.front().number;
    const auto newest = state_.current();
    std::size_t index = 0;
    std::erase_if(state_.versions, [&](const WatchedVersion& version) {
        const bool is_current = std::ranges::binary_search(newest, index++);
        return !is_current && version.event.block_number < oldest;
    });
}

std::optional<std::size_t> Watcher::most_due() const
{
    const auto now = parts_.clock.unix_seconds();
    const auto period = static_cast<std::uint64_t>(options_.sample_every.count());
    std::optional<std::size_t> chosen;
    for (const auto i : state_.current())
    {
        const auto& version = state_.versions[i];
        const bool due = version.samplings == 0 || now >= version.sampled_at + period;
        if (due && (!chosen || version.sampled_at < state_.versions[*chosen].sampled_at))
            chosen = i;
    }
    return chosen;
}

Result<std::size_t> Watcher::sample_one()
{
    for (auto& version : state_.versions)
        tell(version);
    const auto chosen = most_due();
    if (!chosen)
        return std::size_t{0};
    auto& version = state_.versions[*chosen];
    const auto report = parts_.sample(version.event.object_root);
    if (!report && report.error().kind != ErrorKind::not_found)
        return tl::unexpected{report.error()};
    note(version, report);
    // Saved before it is told: a process that is killed in between tells it after its restart.
    ASHLAR_CHECK(parts_.save(state_));
    if (version.alert_is_due)
    {
        tell(version);
        ASHLAR_CHECK(parts_.save(state_));
    }
    return std::size_t{1};
}

void Watcher::note(WatchedVersion& version, const Result<SampleReport>& report) const
{
    const auto before = version.verdict;
    version.verdict = report ? report->verdict : Verdict::unavailable;
    version.reason = report ? report->reason : report.error().message;
    version.sampled_at = parts_.clock.unix_seconds();
    ++version.samplings;
    if (version.verdict == before)
        return;
    // Only the newest word is told: what was due and is over by now would mislead.
    version.alert_is_due = version.verdict != Verdict::available;
    spdlog::info("0x{} is {}: {}", to_hex(version.event.object_root), to_string(*version.verdict),
        printable(version.reason));
}

void Watcher::tell(WatchedVersion& version) const
{
    if (!version.alert_is_due)
        return;
    if (const auto told = parts_.alarm(version); !told)
        spdlog::warn("nobody could be told: {}", printable(told.error().message));
    else
        version.alert_is_due = false;
}

}  // namespace ashlar
