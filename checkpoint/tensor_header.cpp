#include "checkpoint/tensor_header.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace ashlar
{

/// What begins a record; the dimensions and the name follow. Without gaps, so it goes to bytes and
/// back as it is.
struct TensorList::Fixed
{
    std::uint64_t offset;
    std::uint64_t size;
    std::uint16_t name_bytes;
    std::uint8_t rank;
    Dtype dtype;

    static constexpr std::size_t BYTES = 20;
};

Result<void> TensorList::add(const HeaderTensor& tensor)
{
    ASHLAR_ASSERT(
        tensor.name.size() <= TENSOR_NAME_BYTES_MAX && tensor.shape.size() <= TENSOR_RANK_MAX);
    if (positions_.size() == TENSORS_MAX)
        return fail(ErrorKind::invalid_input, "more than {} tensors", TENSORS_MAX);
    const Fixed fixed{.offset = tensor.offset,
        .size = tensor.size,
        .name_bytes = static_cast<std::uint16_t>(tensor.name.size()),
        .rank = static_cast<std::uint8_t>(tensor.shape.size()),
        .dtype = tensor.dtype};
    static_assert(offsetof(Fixed, dtype) + sizeof(Dtype) == Fixed::BYTES);
    ASHLAR_TRY(const auto position,
        records_.add({std::as_bytes(std::span{&fixed, 1}).first<Fixed::BYTES>(),
            std::as_bytes(std::span{tensor.shape}), as_byte_view(tensor.name)}));
    positions_.push_back(position);
    return {};
}

TensorList::Fixed TensorList::fixed_at(std::uint32_t position) const noexcept
{
    Fixed fixed;
    std::memcpy(&fixed, records_.at(position), Fixed::BYTES);
    return fixed;
}

std::string_view TensorList::name_at(std::uint32_t position) const noexcept
{
    const auto fixed = fixed_at(position);
    const auto* const name =
        records_.at(position) + Fixed::BYTES + fixed.rank * sizeof(std::uint64_t);
    return as_text({name, fixed.name_bytes});
}

HeaderTensor TensorList::operator[](std::size_t index) const
{
    const auto position = positions_[index];
    const auto fixed = fixed_at(position);
    HeaderTensor tensor{.name = std::string{name_at(position)},
        .shape = std::vector<std::uint64_t>(fixed.rank),
        .offset = data_begin_ + fixed.offset,
        .size = fixed.size,
        .dtype = fixed.dtype};
    std::ranges::copy_n(records_.at(position) + Fixed::BYTES,
        static_cast<std::ptrdiff_t>(fixed.rank * sizeof(std::uint64_t)),
        std::as_writable_bytes(std::span{tensor.shape}).begin());
    return tensor;
}

void TensorList::sort_by_place()
{
    std::ranges::sort(positions_, {}, [this](std::uint32_t position) {
        const auto fixed = fixed_at(position);
        return std::pair{fixed.offset, fixed.size};
    });
}

Result<void> TensorList::sort_by_unique_name()
{
    const auto name = [this](std::uint32_t position) { return name_at(position); };
    std::ranges::sort(positions_, {}, name);
    const auto twice = std::ranges::adjacent_find(positions_, {}, name);
    if (twice != positions_.end())
        return fail(
            ErrorKind::invalid_input, "the tensor \"{}\" occurs twice", printable(name_at(*twice)));
    return {};
}

}  // namespace ashlar
