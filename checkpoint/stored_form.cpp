#include "checkpoint/stored_form.hpp"

#include <algorithm>
#include <bit>

namespace ashlar
{
namespace
{

constexpr std::byte VERSION{1};
constexpr std::byte FLAG_DIFFERENCE{1};
constexpr std::size_t HEAD_BYTES = 4;   ///< Version, flags, number of runs.
constexpr std::size_t RUN_BYTES = 5;    ///< Width, bytes.
constexpr std::size_t PLANE_BYTES = 5;  ///< Method, bytes.
static_assert(
    STORED_FORM_BYTES_MAX == HEAD_BYTES + RUN_BYTES + PLANE_BYTES + PAYLOAD_BYTES_PER_BLOB);

enum class PlaneMethod : std::uint8_t
{
    raw = 0,
    zstd = 1,
};

/// Words travel rotated left by one bit: that puts a float's sign below its mantissa, and its
/// exponent, the part that compresses, into a byte of its own.
template <typename Word>
Word load_rotated(const std::byte* bytes) noexcept
{
    return std::rotl(
        load_little_endian<Word>(std::span<const std::byte, sizeof(Word)>{bytes, sizeof(Word)}), 1);
}

template <typename Word>
void gather(ByteView run, unsigned plane, std::span<std::byte> out)
{
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = static_cast<std::byte>(
            load_rotated<Word>(run.data() + i * sizeof(Word)) >> (8 * plane));
}

/// Byte `plane` of each word, lowest first, after the rotation.
void gather_plane(ByteView run, std::size_t width, unsigned plane, std::span<std::byte> out)
{
    if (width == 2)
        gather<std::uint16_t>(run, plane, out);
    else if (width == 4)
        gather<std::uint32_t>(run, plane, out);
    else
        std::ranges::copy(run, out.begin());
}

/// The inverse of gathering: words from their planes, all at once, so that compilers make vectors
/// of it. Little-endian machines only, as all that Ashlar is built for.
template <typename Word>
void join(std::span<const ByteView, sizeof(Word)> planes, std::byte* out) noexcept
{
    for (std::size_t i = 0; i < planes[0].size(); ++i)
    {
        Word word = 0;
        for (std::size_t p = 0; p < sizeof(Word); ++p)
            word = static_cast<Word>(word | (std::to_integer<Word>(planes[p][i]) << (8 * p)));
        word = std::rotr(word, 1);
        std::memcpy(out + i * sizeof(Word), &word, sizeof(Word));
    }
}

void join_planes(std::span<const ByteView> planes, std::span<std::byte> run)
{
    if (planes.size() == 2)
        join<std::uint16_t>(planes.first<2>(), run.data());
    else if (planes.size() == 4)
        join<std::uint32_t>(planes.first<4>(), run.data());
    else
        std::ranges::copy(planes.front(), run.begin());
}

void put_xor(ByteView a, ByteView b, std::span<std::byte> out)
{
    std::ranges::transform(a, b, out.begin(), [](std::byte x, std::byte y) { return x ^ y; });
}

/// A form whose head, runs and planes have been checked.
struct ParsedForm
{
    struct Plane
    {
        PlaneMethod method;
        ByteView body;
    };

    bool difference;
    std::vector<StoredRun> runs;
    std::vector<Plane> planes;  ///< Of each run, from the lowest byte up.
};

/// Takes fields from the front of a form.
class FormReader
{
public:
    explicit FormReader(ByteView form) : rest_{form} {}

    Result<ByteView> take(std::size_t count)
    {
        if (count > rest_.size())
            return fail(ErrorKind::invalid_input, "the stored form ends early");
        const auto taken = rest_.first(count);
        rest_ = rest_.subspan(count);
        return taken;
    }

    /// A byte and a 32-bit number, as runs and planes have them.
    Result<std::pair<std::uint8_t, std::uint32_t>> take_pair()
    {
        ASHLAR_TRY(const auto bytes, take(RUN_BYTES));
        return std::pair{std::to_integer<std::uint8_t>(bytes[0]),
            load_little_endian<std::uint32_t>(bytes.subspan<1, 4>())};
    }

    [[nodiscard]] bool is_empty() const noexcept { return rest_.empty(); }

private:
    ByteView rest_;
};
static_assert(RUN_BYTES == PLANE_BYTES);

Result<std::vector<StoredRun>> take_runs(FormReader& reader, std::size_t count)
{
    std::vector<StoredRun> runs;
    std::size_t total = 0;
    for (std::size_t i = 0; i < count; ++i)
    {
        ASHLAR_TRY(const auto run, reader.take_pair());
        const auto [width, bytes] = run;
        const bool known = width == 1 || width == 2 || width == 4;
        if (!known || bytes == 0 || bytes % width != 0 || bytes > PAYLOAD_BYTES_PER_BLOB - total)
            return fail(ErrorKind::invalid_input, "a run of {} bytes, {} each", bytes, width);
        total += bytes;
        runs.push_back({.bytes = bytes, .width = width, .texture = Texture::weights});
    }
    if (total != PAYLOAD_BYTES_PER_BLOB)
        return fail(ErrorKind::invalid_input, "the runs have {} bytes together, a blob has {}",
            total, PAYLOAD_BYTES_PER_BLOB);
    return runs;
}

Result<std::vector<ParsedForm::Plane>> take_planes(
    FormReader& reader, std::span<const StoredRun> runs)
{
    std::vector<ParsedForm::Plane> planes;
    std::vector<std::uint32_t> sizes;
    for (const auto& run : runs)
    {
        const auto plane_bytes = run.bytes / run.width;
        for (std::size_t p = 0; p < run.width; ++p)
        {
            ASHLAR_TRY(const auto plane, reader.take_pair());
            const auto [method, size] = plane;
            const bool raw = method == static_cast<std::uint8_t>(PlaneMethod::raw);
            const bool zstd = method == static_cast<std::uint8_t>(PlaneMethod::zstd);
            if (!(raw && size == plane_bytes) && !(zstd && size < plane_bytes))
                return fail(ErrorKind::invalid_input, "a plane of method {} takes {} bytes for {}",
                    method, size, plane_bytes);
            planes.push_back({.method = PlaneMethod{method}, .body = {}});
            sizes.push_back(size);
        }
    }
    for (std::size_t p = 0; p < planes.size(); ++p)
    {
        ASHLAR_TRY(planes[p].body, reader.take(sizes[p]));
    }
    return planes;
}

struct Head
{
    bool difference;
    std::size_t runs;
};

Result<Head> take_head(FormReader& reader)
{
    ASHLAR_TRY(const auto head, reader.take(HEAD_BYTES));
    if (head[0] != VERSION || (head[1] & ~FLAG_DIFFERENCE) != std::byte{0})
        return fail(ErrorKind::invalid_input, "no stored form of version 1");
    const auto runs = load_little_endian<std::uint16_t>(head.subspan<2, 2>());
    if (runs == 0 || runs > STORED_RUNS_MAX)
        return fail(
            ErrorKind::invalid_input, "{} runs, 1 to {} are allowed", runs, STORED_RUNS_MAX);
    return Head{.difference = head[1] == FLAG_DIFFERENCE, .runs = runs};
}

Result<ParsedForm> parse(ByteView form)
{
    if (form.size() > STORED_FORM_BYTES_MAX)
        return fail(ErrorKind::invalid_input, "a stored form of {} bytes, at most {} are allowed",
            form.size(), STORED_FORM_BYTES_MAX);
    FormReader reader{form};
    ASHLAR_TRY(const auto head, take_head(reader));
    ASHLAR_TRY(auto runs, take_runs(reader, head.runs));
    ASHLAR_TRY(auto planes, take_planes(reader, runs));
    if (!reader.is_empty())
        return fail(ErrorKind::invalid_input, "bytes follow the stored form");
    return ParsedForm{
        .difference = head.difference, .runs = std::move(runs), .planes = std::move(planes)};
}

void append_pair(Bytes& out, std::uint8_t first, std::size_t second)
{
    out.push_back(std::byte{first});
    append(out, little_endian(static_cast<std::uint32_t>(second)));
}

/// Head and runs.
Bytes begin_form(bool difference, std::span<const StoredRun> runs)
{
    Bytes form;
    form.reserve(STORED_FORM_BYTES_MAX);
    form.push_back(VERSION);
    form.push_back(difference ? FLAG_DIFFERENCE : std::byte{0});
    append(form, little_endian(static_cast<std::uint16_t>(runs.size())));
    for (const auto& run : runs)
        append_pair(form, run.width, run.bytes);
    return form;
}

}  // namespace

StoredLayout::StoredLayout(const Directory& directory)
{
    for (const auto& tensor : directory.tensors())
    {
        if (tensor.size > 0)
            spans_.push_back({.begin = tensor.offset,
                .end = tensor.offset + tensor.size,
                .width = plane_width(tensor.dtype)});
    }
    std::ranges::sort(spans_, {}, &Span::begin);
    std::vector<Span> apart;
    for (auto span : spans_)
    {
        if (!apart.empty() && span.begin < apart.back().end)
        {
            // Overlaps only where the directory lies: what is left begins at a whole number.
            const auto cut = (apart.back().end - span.begin + span.width - 1) / span.width;
            span.begin += cut * span.width;
        }
        if (span.begin >= span.end)
            continue;
        const bool continues = !apart.empty() && apart.back().end == span.begin &&
                               apart.back().width == span.width &&
                               (span.begin - apart.back().begin) % span.width == 0;
        if (continues)
            apart.back().end = span.end;
        else
            apart.push_back(span);
    }
    spans_ = std::move(apart);
}

std::vector<StoredRun> StoredLayout::runs_of(std::uint64_t data_blob) const
{
    const auto blob_begin = data_blob * PAYLOAD_BYTES_PER_BLOB;
    const auto blob_end = blob_begin + PAYLOAD_BYTES_PER_BLOB;
    std::vector<StoredRun> runs;
    auto at = blob_begin;
    // Ends the run that is open at `end`; neighbours of one kind are one run.
    const auto run_to = [&](std::uint64_t end, std::uint8_t width, Texture texture) {
        const auto bytes = static_cast<std::uint32_t>(end - at);
        at = end;
        if (bytes > 0 && !runs.empty() && runs.back().width == width &&
            runs.back().texture == texture)
            runs.back().bytes += bytes;
        else if (bytes > 0)
            runs.push_back({.bytes = bytes, .width = width, .texture = texture});
    };
    auto span = std::ranges::upper_bound(spans_, blob_begin, {}, &Span::end);
    // A tensor adds two runs at most, and the end of the blob one.
    for (; span != spans_.end() && span->begin < blob_end && runs.size() + 3 <= STORED_RUNS_MAX;
         ++span)
    {
        const auto whole = [&](std::uint64_t offset) {
            return (offset - span->begin) / span->width;
        };
        const auto begin =
            span->begin + whole(std::max(span->begin, at) + span->width - 1) * span->width;
        const auto end = span->begin + whole(std::min(span->end, blob_end)) * span->width;
        if (begin >= end)
            continue;
        run_to(begin, 1, Texture::text);
        run_to(end, span->width, Texture::weights);
    }
    run_to(blob_end, 1, Texture::text);
    return runs;
}

Bytes StoredFormEncoder::encode_planes(
    ByteView bytes, std::span<const StoredRun> runs, bool difference)
{
    auto form = begin_form(difference, runs);
    Bytes bodies(bytes.size());
    std::size_t used = 0;
    for (const auto& run : runs)
    {
        plane_.resize(run.bytes / run.width);
        for (unsigned p = 0; p < run.width; ++p)
        {
            gather_plane(bytes.first(run.bytes), run.width, p, plane_);
            const auto room = std::span{bodies}.subspan(used);
            const auto packed = zstd_.compress(plane_, run.texture, room);
            if (packed == 0)
                std::ranges::copy(plane_, room.begin());
            const auto method = packed == 0 ? PlaneMethod::raw : PlaneMethod::zstd;
            const auto size = packed == 0 ? plane_.size() : packed;
            append_pair(form, static_cast<std::uint8_t>(method), size);
            used += size;
        }
        bytes = bytes.subspan(run.bytes);
    }
    append(form, ByteView{bodies}.first(used));
    return form;
}

Bytes StoredFormEncoder::encode(
    PayloadBlob payload, std::span<const StoredRun> runs, std::optional<PayloadBlob> parent)
{
    ASHLAR_ASSERT(!runs.empty() && runs.size() <= STORED_RUNS_MAX);
    auto best = encode_planes(payload, runs, false);
    if (parent)
    {
        Bytes difference(payload.size());
        put_xor(payload, *parent, difference);
        auto form = encode_planes(difference, runs, true);
        if (form.size() < best.size())
            best = std::move(form);
    }
    if (best.size() < STORED_FORM_BYTES_MAX)
        return best;
    const StoredRun whole{.bytes = PAYLOAD_BYTES_PER_BLOB, .width = 1, .texture = Texture::weights};
    auto raw = begin_form(false, {&whole, 1});
    append_pair(raw, static_cast<std::uint8_t>(PlaneMethod::raw), payload.size());
    append(raw, payload);
    return raw;
}

Result<void> StoredFormDecoder::decode(ByteView form, std::optional<PayloadBlob> parent,
    std::span<std::byte, PAYLOAD_BYTES_PER_BLOB> payload)
{
    ASHLAR_TRY(const auto parsed, parse(form));
    if (parsed.difference && !parent)
        return fail(ErrorKind::insufficient,
            "the stored form is a difference: the parent's blob is needed to read it");
    std::span<std::byte> rest = payload;
    auto plane = parsed.planes.begin();
    for (const auto& run : parsed.runs)
    {
        const auto out = rest.first(run.bytes);
        rest = rest.subspan(run.bytes);
        std::array<ByteView, PLANES_MAX> planes;
        for (std::size_t p = 0; p < run.width; ++p, ++plane)
        {
            planes[p] = plane->body;
            if (plane->method == PlaneMethod::raw)
                continue;
            planes_[p].resize(run.bytes / run.width);
            ASHLAR_CHECK(zstd_.decompress(plane->body, planes_[p]));
            planes[p] = planes_[p];
        }
        join_planes(std::span{planes}.first(run.width), out);
    }
    if (parsed.difference)
        put_xor(payload, *parent, payload);
    return {};
}

Result<StoredFormSummary> summarize_stored_form(ByteView form)
{
    FormReader reader{form};
    ASHLAR_TRY(const auto head, take_head(reader));
    return StoredFormSummary{.is_difference = head.difference};
}

Result<std::vector<StoredRun>> runs_of_form(ByteView form)
{
    ASHLAR_TRY(auto parsed, parse(form));
    for (auto& run : parsed.runs)
        run.texture = run.width == 1 ? Texture::text : Texture::weights;
    return std::move(parsed.runs);
}

std::uint8_t plane_width(Dtype dtype) noexcept
{
    switch (static_cast<std::uint8_t>(dtype))
    {
        case 8:                     // F16
        case 9:                     // BF16
        case DTYPE_GGUF_BASE + 1:   // F16
        case DTYPE_GGUF_BASE + 30:  // BF16
            return 2;
        case 12:               // F32
        case 22:               // C64: two floats
        case DTYPE_GGUF_BASE:  // F32
            return 4;
        default:
            return 1;
    }
}

}  // namespace ashlar
