#pragma once

/// The members of a committee as one run of sampling sees them: who was asked, who answered, who
/// is down, who said something false.

#include <chrono>
#include <functional>

#include "base/clock.hpp"
#include "base/mutex.hpp"
#include "transport/node_api.hpp"

namespace ashlar
{

/// False answers of one member whose text is kept; the others are only counted.
inline constexpr std::size_t FALSE_ANSWER_TEXTS_MAX = 4;

/// How long a member that gave no answer is left alone, doubled with every further failure.
inline constexpr std::chrono::milliseconds RETRY_PERIOD_FIRST{1'000};
inline constexpr std::chrono::milliseconds RETRY_PERIOD_MAX{16'000};

/// One member's part in a run. asked = answered + failed + false_answers.
struct MemberTally
{
    std::uint64_t asked = 0;          ///< Also where it was left alone because it is down.
    std::uint64_t answered = 0;       ///< Answers that held.
    std::uint64_t failed = 0;         ///< No answer, or "I do not have it".
    std::uint64_t false_answers = 0;  ///< Answers that did not hold.
    std::string last_error;           ///< Of `failed`; untrusted text.
    std::vector<std::string> false_texts;
};

/// Asks members and keeps their tallies. Thread-safe; nodes and clock outlive the book.
class MemberBook
{
public:
    MemberBook(std::span<LightNodeApi* const> nodes, const Clock& clock);

    /// Runs `question` on a member's node, unless the member is known to be down.
    ///
    /// Errors of kind proof_invalid count as false answers, all others as failed; after
    /// `unavailable` the member is down until its retry period is over.
    template <typename T>
    [[nodiscard]] Result<T> ask(
        std::size_t member, const std::function<Result<T>(LightNodeApi&)>& question)
    {
        ASHLAR_CHECK(begin(member));
        auto answer = question(*nodes_[member]);
        if (answer)
            note_answer(member);
        else
            note_error(member, answer.error());
        return answer;
    }

    /// Turns an answer counted before into a false one.
    void retract(std::size_t member, std::string_view why);

    /// Has the member said something false? Whoever need not ask it asks others.
    [[nodiscard]] bool has_lied(std::size_t member) const ASHLAR_EXCLUDES(mutex_);

    /// Ends the member's calls in progress, where its node can.
    void cancel_calls(std::size_t member);

    [[nodiscard]] std::size_t size() const noexcept { return nodes_.size(); }

    /// In member order.
    [[nodiscard]] std::vector<MemberTally> tallies() const;

private:
    struct State
    {
        MemberTally tally;
        std::chrono::nanoseconds retry_at{0};
        std::chrono::milliseconds retry_period{0};  ///< Zero while the member is up.
        bool retrying = false;  ///< One question is finding out whether it is back.
    };

    /// Counts the question. @return  unavailable if the member is not to be asked now.
    [[nodiscard]] Result<void> begin(std::size_t member) ASHLAR_EXCLUDES(mutex_);
    void note_answer(std::size_t member) ASHLAR_EXCLUDES(mutex_);
    void note_error(std::size_t member, const Error& error) ASHLAR_EXCLUDES(mutex_);
    static void note_false(State& state, std::string_view why);
    void note_down(State& state) const;

    std::vector<LightNodeApi*> nodes_;
    const Clock& clock_;
    mutable Mutex mutex_;
    std::vector<State> states_ ASHLAR_GUARDED_BY(mutex_);
};

}  // namespace ashlar
