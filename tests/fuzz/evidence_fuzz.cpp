// Evidence from anybody: no crash, and nothing is shown against an honest object.

#include "sampling-client/evidence_judge.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const auto judged = ashlar::judge_evidence(text, "/nowhere");
    if (judged)
        ASHLAR_ASSERT(!judged->text.empty());
    return 0;
}
