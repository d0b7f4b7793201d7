#include "base/progress.hpp"

namespace ashlar
{
namespace
{

class Silent final : public ProgressListener
{
public:
    void advance(std::string_view, ProgressUnit, std::uint64_t, std::uint64_t) override {}
};

}  // namespace

ProgressListener& no_progress()
{
    static Silent silent;
    return silent;
}

}  // namespace ashlar
