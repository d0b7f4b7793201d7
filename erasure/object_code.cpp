#include "erasure/object_code.hpp"

#include <atomic>

#include "algebra/fft.hpp"
#include "base/parallel.hpp"
#include "erasure/erasure_locator.hpp"

namespace ashlar
{
namespace
{

/// Greatest slice: longer rows would leave the second-level cache between butterflies.
constexpr std::size_t SLICE_ELEMENTS_MAX = 64;

/// Element columns [begin, begin + width) of every blob: one unit of work of one thread.
struct Slice
{
    std::size_t begin;
    std::size_t width;
};

/// Cuts the 4096 columns so that all threads' rows fit the memory setting.
std::size_t slice_width(std::uint64_t rows, const CodeOptions& options)
{
    const auto column_bytes = rows * sizeof(Fr) * thread_count();
    const auto affordable = static_cast<std::size_t>(options.memory_bytes / column_bytes);
    return std::clamp<std::size_t>(std::bit_floor(affordable), 1, SLICE_ELEMENTS_MAX);
}

Result<void> for_each_slice(
    std::uint64_t rows, const CodeOptions& options, const std::function<Result<void>(Slice)>& work)
{
    const auto width = slice_width(rows, options);
    std::atomic<std::size_t> done{0};
    return try_parallel_for(ELEMENTS_PER_BLOB / width, [&](std::size_t i) -> Result<void> {
        ASHLAR_CHECK(work({.begin = i * width, .width = width}));
        const auto columns = done.fetch_add(width) + width;
        if (options.progress && !options.progress(columns))
            return fail(ErrorKind::unavailable, "cancelled");
        return {};
    });
}

/// Reads one blob's slice into a row of field elements.
Result<void> read_row(
    const SliceReader& reader, std::uint64_t stored, Slice slice, std::span<Fr> row)
{
    Bytes bytes(slice.width * BYTES_PER_ELEMENT);
    ASHLAR_CHECK(reader.read(stored, slice.begin, bytes));
    for (std::size_t e = 0; e < slice.width; ++e)
    {
        const auto element = ByteView{bytes}.subspan(e * BYTES_PER_ELEMENT).first<32>();
        if (!Fr::parse_into(element, row[e]))
            return fail(ErrorKind::invalid_input, "element {} of blob {} is not below the modulus",
                slice.begin + e, stored);
    }
    return {};
}

Result<void> write_row(
    SliceWriter& writer, std::uint64_t stored, Slice slice, std::span<const Fr> row)
{
    Bytes bytes;
    bytes.reserve(slice.width * BYTES_PER_ELEMENT);
    for (const auto& value : row)
        append(bytes, value.to_bytes());
    return writer.write(stored, slice.begin, bytes);
}

/// A polynomial's derivative in place: row k ← (k + 1)·row (k + 1).
void differentiate(const Rows& coefficients)
{
    for (std::size_t k = 1; k < coefficients.size(); ++k)
    {
        const Fr factor = Fr::from_u64(k);
        std::ranges::transform(coefficients.row(k), coefficients.row(k - 1).begin(),
            [&](const Fr& value) { return factor * value; });
    }
    std::ranges::fill(coefficients.row(coefficients.size() - 1), Fr{});
}

}  // namespace

Result<void> encode_object(const ObjectShape& shape, const SliceReader& data, SliceWriter& parity,
    const CodeOptions& options)
{
    const auto rows_count = static_cast<std::size_t>(shape.domain());
    const FftDomain domain{rows_count};
    return for_each_slice(shape.domain(), options, [&](Slice slice) -> Result<void> {
        std::vector<Fr> values(rows_count * slice.width);
        Rows rows{values, slice.width};
        for (std::uint64_t t = 0; t < shape.data_blobs(); ++t)
            ASHLAR_CHECK(read_row(data, t, slice, rows.row(t)));
        extend_to_coset(rows, domain);
        for (std::uint64_t p = 0; p < shape.parity_blobs(); ++p)
            ASHLAR_CHECK(write_row(parity, shape.data_blobs() + p, slice, rows.row(p)));
        return {};
    });
}

Result<void> decode_object(const ObjectShape& shape, const SliceReader& reader,
    std::span<const std::uint8_t> present, std::span<const std::uint64_t> wanted,
    SliceWriter& writer, const CodeOptions& options)
{
    ASHLAR_ASSERT(present.size() == shape.stored_count());
    const auto have = static_cast<std::uint64_t>(
        std::ranges::count_if(present, [](std::uint8_t flag) { return flag != 0; }));
    if (have < shape.data_blobs())
        return fail(ErrorKind::insufficient,
            "{} of {} stored blobs are present and {} are needed: {} missing", have,
            shape.stored_count(), shape.data_blobs(), shape.data_blobs() - have);

    // Lost: what is stored but absent, and parity that was never stored. Virtual positions are
    // known zeros.
    const FftDomain domain{static_cast<std::size_t>(shape.position_count())};
    std::vector<std::uint8_t> lost(domain.size(), 0);
    for (std::uint64_t n = 0; n < shape.position_count(); ++n)
    {
        const auto stored = shape.stored_index_of(n);
        lost[n] = stored ? (present[*stored] == 0) : !shape.is_virtual(n);
    }
    const auto locator = ErasureLocator::make(domain, lost);

    // f·Z has degree < 2D and vanishes at every lost position, so its values are known
    // everywhere; there (f·Z)′ = f·Z′, which gives f.
    return for_each_slice(shape.position_count(), options, [&](Slice slice) -> Result<void> {
        std::vector<Fr> values(domain.size() * slice.width);
        Rows rows{values, slice.width};
        for (std::uint64_t t = 0; t < shape.stored_count(); ++t)
        {
            if (present[t] == 0)
                continue;
            const auto n = shape.position_of(t);
            ASHLAR_CHECK(read_row(reader, t, slice, rows.row(n)));
            rows.scale(n, locator.values[n]);
        }
        inverse_fft(rows, domain);
        differentiate(rows);
        fft(rows, domain);
        for (const auto t : wanted)
        {
            const auto n = shape.position_of(t);
            if (lost[n] == 0)
            {
                ASHLAR_CHECK(read_row(reader, t, slice, rows.row(n)));
            }
            else
            {
                rows.scale(n, locator.derivative_inverses[n]);
            }
            ASHLAR_CHECK(write_row(writer, t, slice, rows.row(n)));
        }
        return {};
    });
}

}  // namespace ashlar
