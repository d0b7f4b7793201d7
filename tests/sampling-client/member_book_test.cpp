#include "sampling-client/member_book.hpp"

#include <gtest/gtest.h>

#include "tests/sampling-client/sparse_object.hpp"

namespace ashlar::test
{
namespace
{

/// A book over one node that exists and one member without an address.
class MemberBookTest : public testing::Test
{
protected:
    /// Asks member 0; `answer` is what its node says.
    ErrorKind ask(std::optional<ErrorKind> answer)
    {
        const auto asked = book_.ask<int>(0, [&](LightNodeApi&) -> Result<int> {
            ++calls_;
            if (answer)
                return fail(*answer, "as told");
            return 1;
        });
        return asked ? NO_ERROR : asked.error().kind;
    }

    static constexpr ErrorKind NO_ERROR = ErrorKind::corrupted;

    SparseObject object_{{.data_blobs = 1, .parity_blobs = 1}};
    SparseNode node_{object_};
    std::array<LightNodeApi*, 2> nodes_{&node_, nullptr};
    ManualClock clock_{1000};
    MemberBook book_{nodes_, clock_};
    int calls_ = 0;
};

TEST_F(MemberBookTest, ask_counts_each_kind_of_answer)
{
    EXPECT_EQ(ask({}), NO_ERROR);
    EXPECT_EQ(ask({}), NO_ERROR);
    EXPECT_EQ(ask(ErrorKind::not_found), ErrorKind::not_found);
    EXPECT_EQ(ask(ErrorKind::proof_invalid), ErrorKind::proof_invalid);
    book_.retract(0, "it was false");

    const auto tally = book_.tallies()[0];
    EXPECT_EQ(tally.asked, 4);
    EXPECT_EQ(tally.answered, 1);
    EXPECT_EQ(tally.failed, 1);
    EXPECT_EQ(tally.false_answers, 2);
    EXPECT_EQ(tally.last_error, "as told");
    EXPECT_EQ(tally.false_texts, (std::vector<std::string>{"as told", "it was false"}));
}

TEST_F(MemberBookTest, ask_of_a_member_without_address_fails)
{
    const auto asked = book_.ask<int>(1, [](LightNodeApi&) -> Result<int> { return 1; });
    ASSERT_FALSE(asked);
    EXPECT_EQ(asked.error().kind, ErrorKind::unavailable);
    EXPECT_EQ(book_.tallies()[1].failed, 1);
}

TEST_F(MemberBookTest, ask_leaves_a_member_alone_that_is_down_and_counts_it_failed)
{
    EXPECT_EQ(ask(ErrorKind::unavailable), ErrorKind::unavailable);
    EXPECT_EQ(ask({}), ErrorKind::unavailable);
    EXPECT_EQ(calls_, 1);
    EXPECT_EQ(book_.tallies()[0].failed, 2);

    clock_.advance(1);
    EXPECT_EQ(ask({}), NO_ERROR);
    EXPECT_EQ(ask({}), NO_ERROR);
    EXPECT_EQ(calls_, 3);
}

TEST_F(MemberBookTest, ask_waits_twice_as_long_after_each_failed_retry)
{
    EXPECT_EQ(ask(ErrorKind::unavailable), ErrorKind::unavailable);
    clock_.advance(1);
    EXPECT_EQ(ask(ErrorKind::unavailable), ErrorKind::unavailable);
    EXPECT_EQ(calls_, 2);
    clock_.advance(1);
    EXPECT_EQ(ask({}), ErrorKind::unavailable);
    EXPECT_EQ(calls_, 2);
    clock_.advance(1);
    EXPECT_EQ(ask({}), NO_ERROR);
}

TEST_F(MemberBookTest, ask_lets_one_question_find_out_whether_a_member_is_back)
{
    EXPECT_EQ(ask(ErrorKind::unavailable), ErrorKind::unavailable);
    clock_.advance(1);
    const auto outer = book_.ask<int>(0, [&](LightNodeApi&) -> Result<int> {
        // While this question is on its way, others are not even sent.
        EXPECT_EQ(ask({}), ErrorKind::unavailable);
        return 1;
    });
    EXPECT_TRUE(outer);
    EXPECT_EQ(calls_, 1);
}

TEST_F(MemberBookTest, ask_keeps_few_texts_of_a_member_that_always_lies)
{
    for (std::size_t i = 0; i < FALSE_ANSWER_TEXTS_MAX + 1; ++i)
        EXPECT_EQ(ask(ErrorKind::proof_invalid), ErrorKind::proof_invalid);
    EXPECT_EQ(book_.tallies()[0].false_answers, FALSE_ANSWER_TEXTS_MAX + 1);
    EXPECT_EQ(book_.tallies()[0].false_texts.size(), FALSE_ANSWER_TEXTS_MAX);
}

}  // namespace
}  // namespace ashlar::test
