#include "sampling-client/questions.hpp"

#include <thread>

namespace ashlar
{
namespace
{

/// Attempts at one question on their way at once.
constexpr std::size_t ATTEMPTS_MAX = 2;

/// How often the clock is looked at while nothing happens.
constexpr std::chrono::milliseconds LOOK_PERIOD{10};

/// One call of ask_questions().
class Round
{
public:
    Round(MemberBook& book, const Clock& clock, std::span<const Question> questions,
        const QuestionLimits& limits)
      : book_{book},
        clock_{clock},
        questions_{questions},
        limits_{limits},
        states_(questions.size())
    {}

    [[nodiscard]] std::vector<QuestionOutcome> run()
    {
        {
            // Threads of their own: they wait for the network, not for a core.
            std::vector<std::jthread> threads;
            // Enough of them that one is free to ask again where the first answer is slow.
            const auto most = std::min(limits_.parallel, ATTEMPTS_MAX * questions_.size());
            for (std::size_t t = 0; t < most; ++t)
                threads.emplace_back([this] { work(); });
            wait_and_close();
        }
        const MutexLock lock{mutex_};
        std::vector<QuestionOutcome> outcomes;
        for (auto& state : states_)
            outcomes.push_back(std::move(state.outcome));
        return outcomes;
    }

private:
    struct QuestionState
    {
        QuestionOutcome outcome;
        std::size_t next_candidate = 0;
        std::vector<std::uint16_t> asking{};  ///< Members from whom an answer is awaited.
        std::chrono::nanoseconds asked_at{0};
        bool resolved = false;
    };
    struct Attempt
    {
        std::size_t question;
        std::uint16_t member;
    };

    [[nodiscard]] bool is_late() const { return clock_.monotonic() >= limits_.deadline; }

    void work();

    /// The next thing to ask; nothing if for now there is none.
    [[nodiscard]] std::optional<Attempt> take() ASHLAR_REQUIRES(mutex_);
    [[nodiscard]] std::optional<Attempt> take_candidate(std::size_t question)
        ASHLAR_REQUIRES(mutex_);
    void finish(const Attempt& attempt, Result<NodeAnswer> answer) ASHLAR_EXCLUDES(mutex_);
    void resolve(QuestionState& state, QuestionOutcome outcome) ASHLAR_REQUIRES(mutex_);

    /// Waits for the end, then cancels what is still on its way.
    void wait_and_close() ASHLAR_EXCLUDES(mutex_);

    MemberBook& book_;
    const Clock& clock_;
    const std::span<const Question> questions_;
    const QuestionLimits limits_;

    Mutex mutex_;
    ConditionVariable changed_;
    std::vector<QuestionState> states_ ASHLAR_GUARDED_BY(mutex_);
    std::size_t first_unasked_ ASHLAR_GUARDED_BY(mutex_) = 0;
    std::size_t resolved_ ASHLAR_GUARDED_BY(mutex_) = 0;
    bool closed_ ASHLAR_GUARDED_BY(mutex_) = false;
};

std::optional<Round::Attempt> Round::take_candidate(std::size_t question)
{
    auto& state = states_[question];
    const auto& candidates = questions_[question].candidates;
    const bool shun = questions_[question].shun_liars;
    while (state.next_candidate < candidates.size())
    {
        const auto member = candidates[state.next_candidate++];
        if (shun && state.next_candidate < candidates.size() && book_.has_lied(member))
            continue;
        state.asking.push_back(member);
        state.asked_at = clock_.monotonic();
        return Attempt{.question = question, .member = member};
    }
    return std::nullopt;
}

std::optional<Round::Attempt> Round::take()
{
    while (first_unasked_ < states_.size())
    {
        const auto question = first_unasked_++;
        if (auto attempt = take_candidate(question))
            return attempt;
        resolve(states_[question], {.state = QuestionOutcome::State::failed});
    }
    for (std::size_t q = 0; q < states_.size(); ++q)
    {
        const auto& state = states_[q];
        const bool slow = clock_.monotonic() - state.asked_at >= limits_.hedge_after;
        if (state.resolved ||
            !(state.asking.empty() || (slow && state.asking.size() < ATTEMPTS_MAX)))
            continue;
        if (auto attempt = take_candidate(q))
            return attempt;
    }
    return std::nullopt;
}

void Round::resolve(QuestionState& state, QuestionOutcome outcome)
{
    state.outcome = std::move(outcome);
    state.resolved = true;
    ++resolved_;
    changed_.notify_all();
}

void Round::finish(const Attempt& attempt, Result<NodeAnswer> answer)
{
    const MutexLock lock{mutex_};
    auto& state = states_[attempt.question];
    std::erase(state.asking, attempt.member);
    if (state.resolved)
        return;
    using State = QuestionOutcome::State;
    const bool is_false =
        answer ? !answer->fault.empty() : answer.error().kind == ErrorKind::proof_invalid;
    const bool nobody_left = state.asking.empty() &&
                             state.next_candidate >= questions_[attempt.question].candidates.size();
    if (answer)
    {
        answer->member = attempt.member;
        resolve(state,
            {.state = is_false ? State::failed : State::answered, .answer = std::move(*answer)});
    }
    else if (is_false || nobody_left)
        resolve(state, {.state = State::failed});
    else
        changed_.notify_all();
}

void Round::work()
{
    for (;;)
    {
        std::optional<Attempt> attempt;
        {
            const MutexLock lock{mutex_};
            while (!closed_ && !(attempt = is_late() ? std::nullopt : take()))
                changed_.wait_for(mutex_, LOOK_PERIOD);
            if (!attempt)
                return;
        }
        auto answer = book_.ask<NodeAnswer>(attempt->member, questions_[attempt->question].ask);
        if (answer && !answer->fault.empty())
            book_.retract(attempt->member, answer->fault);
        finish(*attempt, std::move(answer));
    }
}

void Round::wait_and_close()
{
    std::vector<std::uint16_t> stragglers;
    {
        const MutexLock lock{mutex_};
        while (resolved_ < states_.size() && !is_late())
            changed_.wait_for(mutex_, LOOK_PERIOD);
        closed_ = true;
        for (const auto& state : states_)
            stragglers.insert(stragglers.end(), state.asking.begin(), state.asking.end());
    }
    changed_.notify_all();
    for (const auto member : stragglers)
        book_.cancel_calls(member);
}

}  // namespace

std::vector<QuestionOutcome> ask_questions(MemberBook& book, const Clock& clock,
    std::span<const Question> questions, const QuestionLimits& limits)
{
    return Round{book, clock, questions, limits}.run();
}

}  // namespace ashlar
