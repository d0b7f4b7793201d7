/// No example of docs/formats goes unchecked: a test of suite `example` is about the block whose
/// name it has, and Example fails it for every key that it leaves out.

#include <gtest/gtest.h>

#include "tests/formats/example.hpp"

namespace ashlar::test
{
namespace
{

std::set<std::string> tested_names()
{
    std::set<std::string> out;
    const auto& all = *testing::UnitTest::GetInstance();
    for (int s = 0; s < all.total_test_suite_count(); ++s)
    {
        const auto& suite = *all.GetTestSuite(s);
        if (std::string_view{suite.name()} != "example")
            continue;
        for (int t = 0; t < suite.total_test_count(); ++t)
        {
            std::string name = suite.GetTestInfo(t)->name();
            std::ranges::replace(name, '_', '-');
            out.insert(name);
        }
    }
    return out;
}

TEST(formats, pages_and_tests_name_the_same_examples)
{
    EXPECT_EQ(example_names(), tested_names());
    EXPECT_GE(example_names().size(), 47);
}

}  // namespace
}  // namespace ashlar::test
