#include "transport/status.hpp"

#include <set>

#include <gtest/gtest.h>

namespace ashlar::test
{
namespace
{

constexpr std::array KINDS{ErrorKind::invalid_input, ErrorKind::proof_invalid, ErrorKind::not_found,
    ErrorKind::insufficient, ErrorKind::unavailable, ErrorKind::corrupted};

}  // namespace

TEST(status, kinds_and_codes_are_one_to_one)
{
    std::set<grpc::StatusCode> codes;
    for (const auto kind : KINDS)
    {
        codes.insert(to_status_code(kind));
        EXPECT_EQ(to_error_kind(to_status_code(kind)), kind);
    }
    EXPECT_EQ(codes.size(), KINDS.size());
    EXPECT_FALSE(codes.contains(grpc::StatusCode::OK));
    EXPECT_FALSE(codes.contains(grpc::StatusCode::UNKNOWN));
}

TEST(status, other_codes_are_unavailable)
{
    for (const auto code : {grpc::StatusCode::DEADLINE_EXCEEDED, grpc::StatusCode::CANCELLED,
             grpc::StatusCode::UNIMPLEMENTED, grpc::StatusCode::INTERNAL})
        EXPECT_EQ(to_error_kind(code), ErrorKind::unavailable);
}

TEST(status, peers_text_cannot_forge_lines)
{
    const auto error = to_error({grpc::StatusCode::NOT_FOUND, "a\nb\x1b[2J"});
    EXPECT_EQ(error.kind, ErrorKind::not_found);
    EXPECT_EQ(error.message, "a\\x0ab\\x1b[2J");
}

}  // namespace ashlar::test
