#include "da-node/store/object_segments.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/log.hpp"

namespace ashlar
{
namespace
{

constexpr std::string_view SEGMENT_PREFIX = "segment-";
constexpr std::string_view SEGMENT_SUFFIX = ".seg";
constexpr std::string_view INHERITED_PREFIX = "inherited-";

/// Marks the numbers of inherited segments in the index.
constexpr std::uint32_t INHERITED_BIT = std::uint32_t{1} << 31;

std::optional<std::uint32_t> parse_segment_number(std::string_view text)
{
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || number == 0 ||
        number >= INHERITED_BIT)
        return std::nullopt;
    return number;
}

/// What a segment's file name says after its prefix and before its suffix.
std::optional<std::string_view> inside_segment_name(std::string_view name, std::string_view prefix)
{
    if (!name.starts_with(prefix) || !name.ends_with(SEGMENT_SUFFIX))
        return std::nullopt;
    name.remove_prefix(prefix.size());
    name.remove_suffix(SEGMENT_SUFFIX.size());
    return name;
}

/// What the name of an inherited segment says.
struct InheritedName
{
    std::uint32_t number;
    Bytes32 origin;
    std::uint32_t segment;
};

std::optional<InheritedName> parse_inherited_name(std::string_view name)
{
    const auto inside = inside_segment_name(name, INHERITED_PREFIX);
    if (!inside || std::ranges::count(*inside, '-') != 2)
        return std::nullopt;
    const auto first = inside->find('-');
    const auto last = inside->rfind('-');
    const auto number = parse_segment_number(inside->substr(0, first));
    const auto origin =
        array_from_hex<sizeof(Bytes32)>(inside->substr(first + 1, last - first - 1));
    const auto segment = parse_segment_number(inside->substr(last + 1));
    if (!number || !origin || !segment)
        return std::nullopt;
    return InheritedName{.number = *number | INHERITED_BIT, .origin = *origin, .segment = *segment};
}

}  // namespace

ObjectSegments::ObjectSegments(
    std::filesystem::path folder, const Bytes32& object_root, std::uint64_t segment_bytes_max)
  : folder_{std::move(folder)}, root_{object_root}, segment_bytes_max_{segment_bytes_max}
{}

bool ObjectSegments::is_inherited(std::uint32_t segment) noexcept
{
    return (segment & INHERITED_BIT) != 0;
}

Result<std::map<std::uint32_t, std::uint64_t>> ObjectSegments::list()
{
    std::map<std::uint32_t, std::uint64_t> sizes;
    std::map<std::uint32_t, Writer> inherited;
    std::error_code error;
    for (std::filesystem::directory_iterator at{folder_, error}, end; !error && at != end;
         at.increment(error))
    {
        const auto name = at->path().filename().string();
        auto number = std::optional<std::uint32_t>{};
        if (const auto inside = inside_segment_name(name, SEGMENT_PREFIX))
            number = parse_segment_number(*inside);
        else if (const auto other = parse_inherited_name(name))
        {
            number = other->number;
            inherited.emplace(
                other->number, Writer{.origin = other->origin, .segment = other->segment});
        }
        if (!number)
            continue;
        ASHLAR_TRY(const auto file, File::open_read(at->path()));
        ASHLAR_TRY(const auto size, file.size_bytes());
        sizes.emplace(*number, size);
    }
    if (error)
        return fail(ErrorKind::unavailable, "cannot list {}: {}", printable(folder_.native()),
            error.message());
    const MutexLock lock{mutex_};
    inherited_ = std::move(inherited);
    return sizes;
}

Result<std::vector<FoundPiece>> ObjectSegments::recover(
    std::uint32_t segment, std::uint64_t first_offset)
{
    ASHLAR_TRY(const auto file, File::open_or_create(own_path(segment)));
    ASHLAR_TRY(auto found, scan_segment(file, root_, first_offset));
    const auto end =
        found.empty() ? first_offset : found.back().offset + slot_bytes(found.back().bytes);
    ASHLAR_CHECK(file.truncate(end));
    segment_ = segment;
    end_ = end;
    return found;
}

Result<void> ObjectSegments::write(ByteView slots) const
{
    const auto path = own_path(segment_);
    ASHLAR_TRY(const auto file, File::open_or_create(path));
    auto written = file.write_at(end_, slots);
    if (written)
        written = file.sync();
    if (written && end_ == 0)
        written = sync_folder(folder_);
    if (!written && !file.truncate(end_))
        spdlog::warn("{} keeps a torn tail", printable(path.native()));
    return written;
}

Result<std::vector<IndexedPiece>> ObjectSegments::append(std::span<const CarriedPiece> pieces)
{
    if (end_ >= segment_bytes_max_)
    {
        ++segment_;
        end_ = 0;
    }
    Bytes slots;
    std::vector<IndexedPiece> rows;
    for (const auto& piece : pieces)
    {
        rows.push_back({.piece = piece.piece,
            .location = {.segment = segment_,
                .bytes = static_cast<std::uint32_t>(piece.bytes.size()),
                .offset = end_ + slots.size()}});
        append_slot(slots, root_, piece);
    }
    ASHLAR_CHECK(write(slots));
    end_ += slots.size();
    return rows;
}

Result<CarriedPiece> ObjectSegments::read(const IndexedPiece& row, SlotReader& reader) const
{
    const auto& location = row.location;
    ASHLAR_TRY(const auto writer, writer_of(location.segment));
    if (reader.segment_ != location.segment)
    {
        ASHLAR_TRY(reader.file_, File::open_read(path_of(location.segment, writer)));
        reader.segment_ = location.segment;
    }
    reader.bytes_.resize(SLOT_HEADER_BYTES + location.bytes);
    ASHLAR_CHECK(reader.file_.read_at(location.offset, reader.bytes_));
    ASHLAR_TRY(const auto piece, parse_slot(writer.origin, reader.bytes_));
    if (piece.piece != row.piece || piece.bytes.size() != location.bytes)
        return fail(ErrorKind::corrupted, "the slot holds {} bytes of piece {}", piece.bytes.size(),
            piece.piece);
    return piece;
}

Result<ObjectSegments::Writer> ObjectSegments::writer_of(std::uint32_t segment) const
{
    if (!is_inherited(segment))
        return Writer{.origin = root_, .segment = segment};
    const MutexLock lock{mutex_};
    const auto found = inherited_.find(segment);
    if (found == inherited_.end())
        return fail(ErrorKind::corrupted, "an inherited segment is not in its folder");
    return found->second;
}

Result<Bytes32> ObjectSegments::origin_of(std::uint32_t segment) const
{
    ASHLAR_TRY(const auto writer, writer_of(segment));
    return writer.origin;
}

std::filesystem::path ObjectSegments::own_path(std::uint32_t segment) const
{
    return folder_ / fmt::format("{}{:06}{}", SEGMENT_PREFIX, segment, SEGMENT_SUFFIX);
}

std::filesystem::path ObjectSegments::inherited_path(
    std::uint32_t number, const Writer& writer) const
{
    return folder_ / fmt::format("{}{:06}-{}-{:06}{}", INHERITED_PREFIX, number & ~INHERITED_BIT,
                         to_hex(writer.origin), writer.segment, SEGMENT_SUFFIX);
}

std::filesystem::path ObjectSegments::path_of(std::uint32_t segment, const Writer& writer) const
{
    return is_inherited(segment) ? inherited_path(segment, writer) : own_path(segment);
}

Result<std::uint32_t> ObjectSegments::link(const ObjectSegments& other, std::uint32_t segment)
{
    ASHLAR_TRY(const auto writer, other.writer_of(segment));
    std::uint32_t number = INHERITED_BIT;
    {
        const MutexLock lock{mutex_};
        for (const auto& [known, source] : inherited_)
        {
            if (source == writer)
                return known;
            number = known;
        }
    }
    ++number;
    std::error_code error;
    std::filesystem::create_hard_link(
        other.path_of(segment, writer), inherited_path(number, writer), error);
    if (error)
        return fail(ErrorKind::unavailable, "cannot link a segment of {}: {}", to_hex(other.root_),
            error.message());
    const MutexLock lock{mutex_};
    inherited_.emplace(number, writer);
    return number;
}

}  // namespace ashlar
