#pragma once

/// What the headers of safetensors and GGUF files say about tensors.

#include <string>
#include <vector>

#include "checkpoint/compact_records.hpp"
#include "checkpoint/dtype.hpp"

namespace ashlar
{

inline constexpr std::size_t TENSOR_NAME_BYTES_MAX = 1024;
inline constexpr std::size_t TENSOR_RANK_MAX = 8;
inline constexpr std::size_t TENSORS_MAX = std::size_t{1} << 22;

struct HeaderTensor
{
    std::string name;                  ///< UTF-8; it may hold NUL.
    std::vector<std::uint64_t> shape;  ///< In the header's own order.
    std::uint64_t offset;              ///< Bytes from the start of the file.
    std::uint64_t size;                ///< Bytes.
    Dtype dtype;
};

/// The tensors of one file. In memory each takes 24 bytes, 8 a dimension and its name: never more
/// than what a GGUF header spends on it, and less than twice what a safetensors header does.
///
/// Not thread-safe while it changes; a finished one may be shared.
class TensorList
{
public:
    /// Room for the positions of as many tensors.
    void reserve(std::size_t count) { positions_.reserve(count); }

    /// Adds a tensor whose offset counts from the start of the file's data, not of the file.
    ///
    /// @pre    a name and a rank within the limits above
    /// @return invalid_input beyond TENSORS_MAX tensors or 4 GiB of them.
    [[nodiscard]] Result<void> add(const HeaderTensor& tensor);

    /// Where the data begins in the file; zero until it is said.
    void set_data_begin(std::uint64_t data_begin) noexcept { data_begin_ = data_begin; }
    [[nodiscard]] std::uint64_t data_begin() const noexcept { return data_begin_; }

    [[nodiscard]] std::size_t size() const noexcept { return positions_.size(); }
    [[nodiscard]] bool empty() const noexcept { return positions_.empty(); }

    /// A copy, with its offset counted from the start of the file.
    /// @pre index < size()
    [[nodiscard]] HeaderTensor operator[](std::size_t index) const;

    /// Puts them in the order of their data; empty tensors before others at the same place.
    void sort_by_place();

    /// @return  invalid_input if a name occurs twice.
    [[nodiscard]] Result<void> sort_by_unique_name();

private:
    struct Fixed;

    [[nodiscard]] Fixed fixed_at(std::uint32_t position) const noexcept;
    [[nodiscard]] std::string_view name_at(std::uint32_t position) const noexcept;

    CompactRecords records_;
    std::vector<std::uint32_t> positions_;
    std::uint64_t data_begin_ = 0;
};

}  // namespace ashlar
