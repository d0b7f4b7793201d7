#include "sampling-client/questions.hpp"

#include <thread>

#include <gtest/gtest.h>

#include "tests/sampling-client/sparse_object.hpp"

namespace ashlar::test
{
namespace
{

using State = QuestionOutcome::State;
constexpr QuestionLimits LIMITS{.parallel = 4,
    .deadline = std::chrono::hours{1'000'000},
    .hedge_after = std::chrono::milliseconds{20}};

/// A node without an object that can be made to hang until it is cancelled.
class HangingNode final : public SparseNode
{
public:
    explicit HangingNode(const SparseObject& object) : SparseNode{object} {}
    Result<Bytes> get_walk(const Bytes32&, std::uint64_t) override
    {
        ++asked;
        while (!cancelled)
            std::this_thread::sleep_for(std::chrono::milliseconds{1});
        return fail(ErrorKind::unavailable, "cancelled");
    }
    void cancel_calls() override { cancelled = true; }

    std::atomic<int> asked{0};
    std::atomic<bool> cancelled{false};
};

class questions : public testing::Test
{
protected:
    questions() { hanging_.cancelled = false; }

    [[nodiscard]] static Question walk_question(std::vector<std::uint16_t> candidates)
    {
        return {.candidates = std::move(candidates),
            .ask = [](LightNodeApi& node) -> Result<NodeAnswer> {
                NodeAnswer answer;
                ASHLAR_TRY(answer.bytes, node.get_walk({}, 0));
                return answer;
            },
            .shun_liars = true};
    }

    SparseObject object_{{.data_blobs = 1, .parity_blobs = 1}};
    SparseNode down_{object_};
    HangingNode hanging_{object_};
};

/// Answers any walk with one byte.
class OneByteNode final : public SparseNode
{
public:
    explicit OneByteNode(const SparseObject& object) : SparseNode{object} {}
    Result<Bytes> get_walk(const Bytes32&, std::uint64_t) override
    {
        ++asked;
        return Bytes(1);
    }
    std::atomic<int> asked{0};
};

TEST_F(questions, go_to_the_next_candidate_after_a_failure)
{
    OneByteNode good{object_};
    std::array<LightNodeApi*, 3> nodes{&down_, nullptr, &good};
    down_.stop();
    MemberBook book{nodes, system_clock()};
    const std::vector<Question> asked{walk_question({0, 1, 2}), walk_question({0, 1})};
    const auto outcomes = ask_questions(book, system_clock(), asked, LIMITS);
    EXPECT_EQ(outcomes[0].state, State::answered);
    EXPECT_EQ(outcomes[0].answer.member, 2);
    EXPECT_EQ(outcomes[1].state, State::failed);
}

TEST_F(questions, slow_answers_are_hedged_and_cancelled)
{
    OneByteNode good{object_};
    std::array<LightNodeApi*, 2> nodes{&hanging_, &good};
    MemberBook book{nodes, system_clock()};
    const std::vector<Question> asked{walk_question({0, 1})};
    const auto outcomes = ask_questions(book, system_clock(), asked, LIMITS);
    EXPECT_EQ(outcomes[0].state, State::answered);
    EXPECT_EQ(outcomes[0].answer.member, 1);
    EXPECT_EQ(hanging_.asked, 1);
    EXPECT_TRUE(hanging_.cancelled);
}

TEST_F(questions, false_answers_end_a_question_and_liars_are_shunned)
{
    OneByteNode liar{object_};
    OneByteNode good{object_};
    std::array<LightNodeApi*, 2> nodes{&liar, &good};
    MemberBook book{nodes, system_clock()};
    auto first = walk_question({0, 1});
    first.ask = [](LightNodeApi& node) -> Result<NodeAnswer> {
        NodeAnswer answer;
        ASHLAR_TRY(answer.bytes, node.get_walk({}, 0));
        answer.fault = "not the walk";
        return answer;
    };
    auto outcomes = ask_questions(book, system_clock(), {&first, 1}, LIMITS);
    EXPECT_EQ(outcomes[0].state, State::failed);
    EXPECT_EQ(outcomes[0].answer.bytes.size(), 1);
    EXPECT_EQ(good.asked, 0);
    EXPECT_EQ(book.tallies()[0].false_answers, 1);

    const auto second = walk_question({0, 1});
    outcomes = ask_questions(book, system_clock(), {&second, 1}, LIMITS);
    EXPECT_EQ(outcomes[0].answer.member, 1);
    // Where nobody else is left, a liar is better than nobody.
    const auto third = walk_question({1, 0});
    outcomes = ask_questions(book, system_clock(), {&third, 1}, LIMITS);
    EXPECT_EQ(outcomes[0].state, State::answered);
}

TEST_F(questions, nothing_starts_after_the_deadline_and_what_hangs_is_cancelled)
{
    ManualClock clock{1000};
    std::array<LightNodeApi*, 1> nodes{&hanging_};
    MemberBook book{nodes, clock};
    const std::vector<Question> asked{walk_question({0}), walk_question({0})};
    auto limits = LIMITS;
    limits.parallel = 1;
    limits.deadline = clock.monotonic() + std::chrono::seconds{60};
    const std::jthread later{[&] {
        while (hanging_.asked == 0)
            std::this_thread::sleep_for(std::chrono::milliseconds{1});
        clock.advance(61);
    }};
    const auto outcomes = ask_questions(book, clock, asked, limits);
    EXPECT_EQ(outcomes[0].state, State::failed);
    EXPECT_EQ(outcomes[1].state, State::unasked);
    EXPECT_EQ(hanging_.asked, 1);
}

}  // namespace
}  // namespace ashlar::test
