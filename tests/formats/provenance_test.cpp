/// Examples of docs/formats/provenance.md.

#include <gtest/gtest.h>
#include <sodium.h>

#include "base/hash.hpp"
#include "provenance/statement.hpp"
#include "tests/formats/example.hpp"

namespace ashlar::test
{
namespace
{

FileEntry file_of(std::string path, const Bytes& contents)
{
    return {.path = std::move(path),
        .offset = 0,
        .size = contents.size(),
        .sha256 = sha256(contents),
        .git_sha1 = {}};
}

Directory example_directory()
{
    const Bytes config{std::byte{'{'}, std::byte{'}'}};
    std::vector<FileEntry> files{file_of(std::string{STATEMENT_FILE}, pattern(9, 5)),
        file_of("config.json", config), file_of("model.safetensors", pattern(2, 64))};
    EXPECT_TRUE(lay_out(files));
    return Directory::from_parts(std::move(files), {}).value();
}

TEST(example, provenance)
{
    const auto example = Example::current();
    const ProvenanceClaims claims{.license = example.text("license"),
        .parent_root = sha256(pattern(3, 1)),
        .datasets = {{.name = example.text("dataset_name"),
            .uri = example.text("dataset_uri"),
            .sha256 = sha256(pattern(4, 7))}}};
    example.expect("parent_root", claims.parent_root);
    example.expect("dataset_sha256", claims.datasets[0].sha256);
    const auto statement = make_statement(example_directory(), claims).value();
    example.expect("statement_bytes", std::uint64_t{statement.size()});
    example.expect("statement", statement);
    example.expect("provenance_root", provenance_root_of(statement));

    const auto seed = pattern(1, 32);
    example.expect("seed", seed);
    Bytes32 public_key;
    Bytes64 secret_key;
    auto* const secret = reinterpret_cast<unsigned char*>(secret_key.data());
    crypto_sign_seed_keypair(reinterpret_cast<unsigned char*>(public_key.data()), secret,
        reinterpret_cast<const unsigned char*>(seed.data()));
    example.expect("public_key", public_key);
    const auto envelope = sign_statement(statement,
        {public_key, [&](ByteView message) {
             Bytes64 out;
             crypto_sign_detached(reinterpret_cast<unsigned char*>(out.data()), nullptr,
                 reinterpret_cast<const unsigned char*>(message.data()), message.size(), secret);
             example.expect("signed_begin", message.first(48));
             example.expect("signature", out);
             return out;
         }});
    const auto opened = open_statement(envelope, example_directory());
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(opened->claims, claims);
    EXPECT_EQ(opened->mismatches, std::vector<std::string>{});
}

}  // namespace
}  // namespace ashlar::test
