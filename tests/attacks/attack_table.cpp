// The attack table of docs/guarantees.md: attack-table [CLIENTS], 1000 if not given.

#include <charconv>
#include <cstring>
#include <string_view>

#include "tests/attacks/attacks.hpp"

namespace ashlar::test
{
namespace
{

int print_table(std::size_t clients, std::string_view part)
{
    constexpr double EPSILON = 1e-9;
    fmt::print(
        "| attack | draws that show it | theory | AVAILABLE | UNAVAILABLE | INVALID | "
        "UNCONFIRMED | real checks |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n");
    bool as_promised = true;
    for (const auto& attack : all_attacks())
    {
        if (attack.name.find(part) == std::string::npos)
            continue;
        const auto result = play(attack, clients, EPSILON);
        const auto* const real = !result.real_check   ? "–"
                                 : *result.real_check ? "agree"
                                                      : "DISAGREE";
        fmt::print("| {} | {:.2f} % | {:.2f} % | {} | {} | {} | {} | {} |\n", attack.name,
            100 * result.shown_rate, 100 * result.theory_rate, result.available, result.unavailable,
            result.invalid, result.unconfirmed, real);
        std::fflush(stdout);
        as_promised = as_promised && result.real_check.value_or(true) &&
                      (attack.may_be_available || result.available == 0);
    }
    constexpr double LOOSE = 1e-2;
    const auto walks = false_accept_share({1, 4}, LOOSE, 20 * clients);
    const auto cells = false_accept_share({65, 256}, LOOSE, 20 * clients);
    fmt::print("\nAVAILABLE in error over all looks, asked 1 %: walks {:.2f} %, cells {:.2f} %\n",
        100 * walks, 100 * cells);
    return as_promised && walks <= LOOSE && cells <= LOOSE ? 0 : 1;
}

}  // namespace
}  // namespace ashlar::test

int main(int argc, char** argv)
{
    std::size_t clients = 1'000;
    if (argc > 1)
        std::from_chars(argv[1], argv[1] + std::strlen(argv[1]), clients);
    return ashlar::test::print_table(clients, argc > 2 ? argv[2] : "");
}
