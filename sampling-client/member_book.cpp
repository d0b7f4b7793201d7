#include "sampling-client/member_book.hpp"

namespace ashlar
{

MemberBook::MemberBook(std::span<LightNodeApi* const> nodes, const Clock& clock)
  : nodes_{nodes.begin(), nodes.end()}, clock_{clock}, states_(nodes.size())
{}

Result<void> MemberBook::begin(std::size_t member)
{
    const MutexLock lock{mutex_};
    auto& state = states_[member];
    ++state.tally.asked;
    if (nodes_[member] == nullptr)
    {
        ++state.tally.failed;
        state.tally.last_error = "no address known";
        return fail(ErrorKind::unavailable, "no address known");
    }
    if (state.retry_period.count() > 0)
    {
        if (state.retrying || clock_.monotonic() < state.retry_at)
        {
            ++state.tally.failed;
            return fail(ErrorKind::unavailable, "down a moment ago");
        }
        // A node that swallows questions holds one at a time, while the others fail fast.
        state.retrying = true;
    }
    return {};
}

void MemberBook::note_answer(std::size_t member)
{
    const MutexLock lock{mutex_};
    auto& state = states_[member];
    ++state.tally.answered;
    state.retry_period = {};
    state.retrying = false;
}

void MemberBook::note_error(std::size_t member, const Error& error)
{
    const MutexLock lock{mutex_};
    auto& state = states_[member];
    if (error.kind == ErrorKind::proof_invalid)
    {
        note_false(state, error.message);
        return;
    }
    ++state.tally.failed;
    state.tally.last_error = error.message;
    if (error.kind == ErrorKind::unavailable)
        note_down(state);
    else
        state.retrying = false;
}

void MemberBook::note_down(State& state) const
{
    // Questions that were on their way together fail together: they are one failure.
    const bool known = state.retry_period.count() > 0 && !state.retrying;
    if (known)
        return;
    state.retry_period = std::clamp(2 * state.retry_period, RETRY_PERIOD_FIRST, RETRY_PERIOD_MAX);
    state.retry_at = clock_.monotonic() + state.retry_period;
    state.retrying = false;
}

void MemberBook::retract(std::size_t member, std::string_view why)
{
    const MutexLock lock{mutex_};
    auto& state = states_[member];
    ASHLAR_ASSERT(state.tally.answered > 0);
    --state.tally.answered;
    note_false(state, why);
}

bool MemberBook::has_lied(std::size_t member) const
{
    const MutexLock lock{mutex_};
    return states_[member].tally.false_answers > 0;
}

void MemberBook::cancel_calls(std::size_t member)
{
    if (nodes_[member] != nullptr)
        nodes_[member]->cancel_calls();
}

void MemberBook::note_false(State& state, std::string_view why)
{
    ++state.tally.false_answers;
    if (state.tally.false_texts.size() < FALSE_ANSWER_TEXTS_MAX)
        state.tally.false_texts.emplace_back(why);
}

std::vector<MemberTally> MemberBook::tallies() const
{
    const MutexLock lock{mutex_};
    std::vector<MemberTally> tallies;
    tallies.reserve(states_.size());
    for (const auto& state : states_)
        tallies.push_back(state.tally);
    return tallies;
}

}  // namespace ashlar
