#include "base/clock.hpp"

namespace ashlar
{
namespace
{

class SystemClock final : public Clock
{
public:
    [[nodiscard]] std::uint64_t unix_seconds() const override
    {
        const auto now = std::chrono::system_clock::now().time_since_epoch();
        return static_cast<std::uint64_t>(
            std::chrono::duration_cast<std::chrono::seconds>(now).count());
    }
    [[nodiscard]] std::chrono::nanoseconds monotonic() const override
    {
        return std::chrono::steady_clock::now().time_since_epoch();
    }
};

}  // namespace

const Clock& system_clock()
{
    static const SystemClock clock;
    return clock;
}

}  // namespace ashlar
