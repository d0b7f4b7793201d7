#include "publisher/publisher_key.hpp"

#include <gtest/gtest.h>
#include <sodium.h>
#include <sys/stat.h>

#include "tests/support/temporary_folder.hpp"

namespace ashlar
{
namespace
{

bool holds(const PublisherKey& key, ByteView message, const Bytes64& signature)
{
    const auto raw = [](ByteView bytes) {
        return reinterpret_cast<const unsigned char*>(bytes.data());
    };
    return crypto_sign_verify_detached(
               raw(signature), raw(message), message.size(), raw(key.public_key())) == 0;
}

}  // namespace

TEST(publisher_key, sign_holds_for_its_message_only)
{
    const auto key = PublisherKey::generate();
    const auto signature = key.sign(as_byte_view("message"));

    EXPECT_TRUE(holds(key, as_byte_view("message"), signature));
    EXPECT_FALSE(holds(key, as_byte_view("massage"), signature));
    EXPECT_FALSE(holds(PublisherKey::generate(), as_byte_view("message"), signature));
}

TEST(publisher_key, load_or_create_makes_a_private_file_and_finds_it_again)
{
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "deep" / "publisher.key";

    const auto made = PublisherKey::load_or_create(path);
    ASSERT_TRUE(made) << made.error().message;
    const auto loaded = PublisherKey::load_or_create(path);
    ASSERT_TRUE(loaded) << loaded.error().message;

    EXPECT_EQ(made->public_key(), loaded->public_key());
    struct stat info
    {
    };
    ASSERT_EQ(::stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST(publisher_key, load_refuses_a_file_that_others_may_read)
{
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "publisher.key";
    ASSERT_TRUE(PublisherKey::load_or_create(path));
    ASSERT_EQ(::chmod(path.c_str(), 0640), 0);

    const auto loaded = PublisherKey::load_or_create(path);

    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().kind, ErrorKind::invalid_input);
}

TEST(publisher_key, load_refuses_malformed_files)
{
    const test::TemporaryFolder folder;
    for (const auto& text : {std::string{}, std::string{"00"}, std::string(63, '0')})
    {
        const auto path = folder.write("publisher.key", text);
        ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
        EXPECT_FALSE(PublisherKey::load_or_create(path)) << text;
    }
}

}  // namespace ashlar
