#pragma once

/// Environment variables for the length of a test.

#include <cstdlib>
#include <map>
#include <optional>
#include <string>

namespace ashlar::test
{

/// Puts back what it changed. Not thread-safe, as the environment is not.
class ScopedEnvironment
{
public:
    ScopedEnvironment() = default;
    ~ScopedEnvironment()
    {
        for (const auto& [name, value] : before_)
            put(name, value);
    }
    ScopedEnvironment(const ScopedEnvironment&) = delete;
    ScopedEnvironment& operator=(const ScopedEnvironment&) = delete;

    void set(const std::string& name, const std::optional<std::string>& value)
    {
        const char* const now = std::getenv(name.c_str());
        before_.try_emplace(name, now == nullptr ? std::nullopt : std::optional<std::string>{now});
        put(name, value);
    }

private:
    static void put(const std::string& name, const std::optional<std::string>& value)
    {
        if (value)
            ::setenv(name.c_str(), value->c_str(), 1);
        else
            ::unsetenv(name.c_str());
    }

    std::map<std::string, std::optional<std::string>> before_;
};

}  // namespace ashlar::test
