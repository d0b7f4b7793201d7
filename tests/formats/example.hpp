#pragma once

/// The worked examples of docs/formats/*.md (their form: docs/formats/README.md).

#include <map>
#include <set>
#include <string>
#include <vector>

#include "algebra/fr.hpp"
#include "base/bytes.hpp"

namespace ashlar::test
{

/// One example block. When it goes, it fails the test for every key that nobody looked at.
class Example
{
public:
    /// The example that the running test is named after: object_header is about object-header.
    [[nodiscard]] static Example current();
    [[nodiscard]] static Example named(const std::string& name);

    Example(const Example&) = delete;
    Example& operator=(const Example&) = delete;
    ~Example();

    // Values. A key that is not there fails the test and reads as empty.
    [[nodiscard]] std::vector<std::string> words(const std::string& key) const;
    [[nodiscard]] Bytes bytes(const std::string& key) const;
    [[nodiscard]] std::vector<Bytes> list(const std::string& key) const;
    [[nodiscard]] std::vector<std::uint64_t> integers(const std::string& key) const;
    [[nodiscard]] std::uint64_t integer(const std::string& key) const;
    [[nodiscard]] std::string text(const std::string& key) const;

    template <std::size_t N>
    [[nodiscard]] ByteArray<N> array(const std::string& key) const
    {
        return array_from_hex<N>(to_hex(bytes(key))).value();
    }

    // Comparisons, which do not end the test.
    void expect(const std::string& key, ByteView computed) const;
    void expect(const std::string& key, const Fr& computed) const;
    void expect(const std::string& key, std::uint64_t computed) const;
    void expect(const std::string& key, const std::vector<std::uint64_t>& computed) const;
    void expect_text(const std::string& key, std::string_view computed) const;

    /// The bytes of all parts in order: a list of byte strings.
    void expect_list(const std::string& key, const std::vector<Bytes>& computed) const;
    void expect_list(const std::string& key, const std::vector<Bytes32>& computed) const;

private:
    Example(std::string name, const std::map<std::string, std::string>& values);

    [[nodiscard]] const std::string& value(const std::string& key) const;

    std::string name_;
    const std::map<std::string, std::string>& values_;
    mutable std::set<std::string> unread_;
};

/// Names of all examples of all pages.
[[nodiscard]] std::set<std::string> example_names();

/// pattern(start, size) of docs/formats/README.md.
[[nodiscard]] Bytes pattern(std::size_t start, std::size_t size);

}  // namespace ashlar::test
