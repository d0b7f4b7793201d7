#include "base/error.hpp"

#include <set>

#include <gtest/gtest.h>

namespace ashlar
{
namespace
{

Result<int> half_of(int value)
{
    if (value % 2 != 0)
        return fail(ErrorKind::invalid_input, "{} is odd", value);
    return value / 2;
}

Result<int> quarter_of(int value)
{
    ASHLAR_TRY(const auto half, half_of(value));
    ASHLAR_CHECK(half_of(half));
    return half / 2;
}

TEST(error, try_and_check_pass_values_and_errors_on)
{
    EXPECT_EQ(quarter_of(12).value(), 3);
    EXPECT_EQ(quarter_of(7).error().message, "7 is odd");
    EXPECT_EQ(quarter_of(6).error().message, "3 is odd");
}

TEST(error, within_keeps_the_kind_and_says_what_was_done)
{
    const Result<int> result = within("halving", half_of(3).error());

    EXPECT_EQ(result.error().kind, ErrorKind::invalid_input);
    EXPECT_NE(result.error().message.find("halving"), std::string::npos);
    EXPECT_NE(result.error().message.find("3 is odd"), std::string::npos);
}

TEST(error, kinds_have_distinct_names)
{
    std::set<std::string_view> names;
    for (const auto kind :
        {ErrorKind::invalid_input, ErrorKind::proof_invalid, ErrorKind::not_found,
            ErrorKind::insufficient, ErrorKind::unavailable, ErrorKind::corrupted})
        names.insert(to_string(kind));
    EXPECT_EQ(names.size(), 6U);
}

TEST(error_death, failed_assertion_stops_the_program_in_every_build)
{
    EXPECT_DEATH(ASHLAR_ASSERT(1 + 1 == 3), "1 \\+ 1 == 3");
}

}  // namespace
}  // namespace ashlar
