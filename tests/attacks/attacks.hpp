#pragma once

/// What a dishonest publisher or dishonest nodes can do, played against the sampling rule of
/// DESIGN §4 on discrete logarithms: cheap enough for thousands of clients a row.

#include <functional>
#include <optional>
#include <string>

#include "sampling-client/schedule.hpp"
#include "tests/support/scalar_fold.hpp"

namespace ashlar::test
{

/// One world that clients meet: an object as published, and what its nodes answer.
struct World
{
    ObjectShape shape;
    bool record_passes = true;
    bool boundary_passes = true;
    std::vector<bool> walk_passes{};  ///< By position.

    /// Does the sample of a stored blob's cell come?
    std::function<bool(std::uint64_t stored, std::uint64_t cell, RandomSource&)> answers{};
};

/// An attack: a new world for each client, and what theory says about it.
struct Attack
{
    std::string name;
    std::function<World(RandomSource&)> make_world;

    /// Probability that one draw shows it: a failing walk, or else a missing sample. Of the record
    /// and the boundary walk, 1. Empty where the draw's world differs and says so itself.
    std::function<double(const World&)> theory;

    /// May a client say AVAILABLE? Yes where the object can be recovered, or where the theorem
    /// allows it: the positions whose walks fail are then erasures and few.
    bool may_be_available = false;

    /// Real points through the real checks, where points are what is attacked.
    std::function<bool()> real_check{};
};

struct AttackResult
{
    double shown_rate = 0;   ///< Draws that showed it, of all first draws of clients.
    double theory_rate = 0;  ///< Mean over the clients' worlds.
    std::size_t available = 0;
    std::size_t unavailable = 0;
    std::size_t invalid = 0;
    std::size_t unconfirmed = 0;
    std::optional<bool> real_check{};
};

[[nodiscard]] std::vector<Attack> all_attacks();

/// `clients` seeded runs with error `epsilon` and cells as samples.
[[nodiscard]] AttackResult play(const Attack& attack, std::size_t clients, double epsilon);

/// Share of `clients` that accept although every draw fails with the schedule's own probability:
/// must be at most ε, over all looks together.
[[nodiscard]] double false_accept_share(Fraction p, double epsilon, std::size_t clients);

}  // namespace ashlar::test
