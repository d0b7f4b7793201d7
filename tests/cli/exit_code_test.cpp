#include "cli/exit_code.hpp"

#include <gtest/gtest.h>

namespace ashlar
{
namespace
{

// Scripts depend on these numbers.
TEST(exit_code, each_kind_of_error_has_its_code)
{
    const auto code = [](ErrorKind kind) { return static_cast<int>(exit_code_for(kind)); };
    EXPECT_EQ(code(ErrorKind::proof_invalid), 1);
    EXPECT_EQ(code(ErrorKind::not_found), 1);
    EXPECT_EQ(code(ErrorKind::invalid_input), 2);
    EXPECT_EQ(code(ErrorKind::corrupted), 2);
    EXPECT_EQ(code(ErrorKind::insufficient), 4);
    EXPECT_EQ(code(ErrorKind::unavailable), 4);
    EXPECT_EQ(static_cast<int>(ExitCode::done), 0);
    EXPECT_EQ(static_cast<int>(ExitCode::partial), 3);
}

}  // namespace
}  // namespace ashlar
