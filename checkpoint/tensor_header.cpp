#include "checkpoint/tensor_header.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace ashlar
{

Result<void> sort_by_unique_name(std::vector<HeaderTensor>& tensors)
{
    std::ranges::sort(tensors, {}, &HeaderTensor::name);
    const auto twice = std::ranges::adjacent_find(tensors, {}, &HeaderTensor::name);
    if (twice != tensors.end())
        return fail(
            ErrorKind::invalid_input, "the tensor \"{}\" occurs twice", printable(twice->name));
    return {};
}

}  // namespace ashlar
