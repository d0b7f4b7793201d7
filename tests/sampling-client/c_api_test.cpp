#include <gmock/gmock.h>

#include "tests/sampling-client/c_example.h"
#include "tests/sampling-client/sparse_object.hpp"

namespace ashlar::test
{
namespace
{

using testing::HasSubstr;

constexpr std::size_t MEMBERS = 8;

/// Callbacks over one object that all members hold.
struct Served
{
    SparseObject object{{.data_blobs = 40, .parity_blobs = 40}};
    SparseNode node{object};
    std::size_t members_up = MEMBERS;
    bool truthful = true;
};

int write(const Result<Bytes>& bytes, std::uint8_t* out, std::size_t capacity, std::size_t* size)
{
    if (!bytes)
        return bytes.error().kind == ErrorKind::not_found ? ASHLAR_NOT_FOUND : ASHLAR_NO_ANSWER;
    EXPECT_LE(bytes->size(), capacity);
    std::memcpy(out, bytes->data(), bytes->size());
    *size = bytes->size();
    return ASHLAR_ANSWERED;
}

Bytes32 root_of(const std::uint8_t root[32])
{
    return to_array(std::as_bytes(std::span<const std::uint8_t, 32>{root, 32}));
}

ashlar_callbacks callbacks_of(Served& served)
{
    ashlar_callbacks callbacks{};
    callbacks.context = &served;
    callbacks.header = [](void* context, std::uint16_t member, const std::uint8_t* root,
                           std::uint8_t* out, std::size_t capacity, std::size_t* size) -> int {
        auto& all = *static_cast<Served*>(context);
        if (member >= all.members_up)
            return ASHLAR_NO_ANSWER;
        const auto info = all.node.object(root_of(root));
        if (!info)
            return ASHLAR_NOT_FOUND;
        return write(Bytes{info->header.begin(), info->header.end()}, out, capacity, size);
    };
    callbacks.fold_record = [](void* context, std::uint16_t, const std::uint8_t* root,
                                std::uint8_t* out, std::size_t capacity, std::size_t* size) {
        auto& all = *static_cast<Served*>(context);
        return write(all.node.fold_record(root_of(root)), out, capacity, size);
    };
    callbacks.walk = [](void* context, std::uint16_t, const std::uint8_t* root,
                         std::uint64_t position, std::uint8_t* out, std::size_t capacity,
                         std::size_t* size) {
        auto& all = *static_cast<Served*>(context);
        return write(all.node.get_walk(root_of(root), position), out, capacity, size);
    };
    callbacks.cell = [](void* context, std::uint16_t member, const std::uint8_t* root,
                         std::uint64_t stored, std::uint64_t cell_index, std::uint8_t* cell,
                         std::uint8_t* proof) -> int {
        auto& all = *static_cast<Served*>(context);
        if (member >= all.members_up)
            return ASHLAR_NO_ANSWER;
        const auto answer = all.node.get_cell(root_of(root), stored, cell_index);
        std::memcpy(cell, answer->cell.data(), answer->cell.size());
        std::memcpy(proof, answer->proof.data(), answer->proof.size());
        cell[2047] ^= all.truthful ? 0 : 1;
        return ASHLAR_ANSWERED;
    };
    return callbacks;
}

struct Outcome
{
    int kind;
    std::string text;
};

Outcome run_example(Served& served, const Bytes32& root)
{
    const auto committee = make_committee(MEMBERS).to_json();
    const auto callbacks = callbacks_of(served);
    std::array<char, 1024> text{};
    const auto kind = ashlar_c_example(committee.data(), committee.size(), &callbacks,
        reinterpret_cast<const std::uint8_t*>(root.data()), text.data(), text.size());
    return {kind, text.data()};
}

TEST(c_api, example_gives_the_verdicts)
{
    Served served;
    auto outcome = run_example(served, served.object.root());
    EXPECT_EQ(outcome.kind, ASHLAR_AVAILABLE) << outcome.text;
    EXPECT_THAT(outcome.text, HasSubstr("samples hold"));

    served.members_up = 1;
    outcome = run_example(served, served.object.root());
    EXPECT_EQ(outcome.kind, ASHLAR_UNAVAILABLE) << outcome.text;

    served.members_up = MEMBERS;
    served.truthful = false;
    outcome = run_example(served, served.object.root());
    EXPECT_EQ(outcome.kind, ASHLAR_UNAVAILABLE) << outcome.text;
    EXPECT_THAT(outcome.text, HasSubstr("false answers"));
}

TEST(c_api, unknown_root_bad_committee_and_null_pointers_are_refused)
{
    Served served;
    const auto outcome = run_example(served, Bytes32{});
    EXPECT_EQ(outcome.kind, -1);
    EXPECT_THAT(outcome.text, HasSubstr("no node of the committee knows"));

    ashlar_sampler* sampler = nullptr;
    std::array<char, 16> message{};
    EXPECT_EQ(ashlar_sampler_open("{}", 2, nullptr, &sampler, message.data(), message.size()),
        ASHLAR_INVALID_INPUT);
    EXPECT_EQ(sampler, nullptr);
    EXPECT_EQ(message.back(), '\0');
    EXPECT_EQ(ashlar_sampler_open(nullptr, 0, nullptr, &sampler, nullptr, 0), ASHLAR_INVALID_INPUT);
    EXPECT_EQ(ashlar_sampler_open("{}", 2, nullptr, nullptr, nullptr, 0), ASHLAR_INVALID_INPUT);
    EXPECT_EQ(ashlar_sample(nullptr, nullptr, nullptr, nullptr, nullptr, 0), ASHLAR_INVALID_INPUT);
    ashlar_sampler_close(nullptr);
}

}  // namespace
}  // namespace ashlar::test
