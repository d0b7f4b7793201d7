#pragma once

/// Many questions at once: each to one member after another, a slow one's to the next as well, and
/// nobody waited for who is no longer needed.

#include "sampling-client/evidence.hpp"
#include "sampling-client/member_book.hpp"

namespace ashlar
{

/// One question, which any of its candidates can answer.
struct Question
{
    std::vector<std::uint16_t> candidates;  ///< In the order in which they are asked.

    /// Asks a node. A node's answer that does not hold comes with `fault` set; what cannot be said
    /// so quickly is checked later.
    std::function<Result<NodeAnswer>(LightNodeApi&)> ask;

    /// Leave out members that have lied, while others are left.
    bool shun_liars = false;
};

/// What became of a question.
struct QuestionOutcome
{
    enum class State : std::uint8_t
    {
        unasked,   ///< There was no time.
        failed,    ///< No candidate answered, or one answered falsely.
        answered,  ///< By `answer.member`.
    };
    State state = State::unasked;
    NodeAnswer answer{};  ///< Where answered; where failed by a false answer, that answer.
};

struct QuestionLimits
{
    std::size_t parallel;               ///< Questions on their way at once.
    std::chrono::nanoseconds deadline;  ///< On the clock's monotonic scale; none starts later.

    /// A question that is so long without an answer goes to the next candidate too.
    std::chrono::milliseconds hedge_after;
};

/// Asks all questions, in their order, and returns when all have an outcome or the deadline is
/// over. A false answer ends its question: it has failed, whatever others would say.
///
/// @return  one outcome a question.
[[nodiscard]] std::vector<QuestionOutcome> ask_questions(MemberBook& book, const Clock& clock,
    std::span<const Question> questions, const QuestionLimits& limits);

}  // namespace ashlar
