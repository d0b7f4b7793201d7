/// The program `ashlar`.

#include <cstdio>
#include <exception>

#include "base/allocator.hpp"
#include "base/log.hpp"
#include "cli/commands.hpp"

int main(int argc, char** argv)
{
    ashlar::limit_arenas();
    try
    {
        ashlar::configure_log("ashlar", "warn");
        return static_cast<int>(ashlar::run_ashlar(argc, argv));
    }
    catch (const std::exception& error)
    {
        // Nothing of ours throws: this is memory that ran out, or the like.
        std::fprintf(stderr, "ashlar: %s\n", error.what());
        ashlar::configure_log("ashlar", "warn");
        return static_cast<int>(ashlar::ExitCode::unusable);
    }
}
