#include "checkpoint/directory_diff.hpp"

#include <algorithm>
#include <map>

#include "base/shape.hpp"

namespace ashlar
{
namespace
{

bool same_contents(const FileEntry& a, const FileEntry& b)
{
    return a.size == b.size && a.sha256 == b.sha256;
}

class Differ
{
public:
    Differ(
        const Directory& old_directory, const Directory& new_directory, const SameBlob& same_blob)
      : old_{old_directory}, new_{new_directory}, same_blob_{same_blob}
    {}

    DirectoryDiff run() &&
    {
        compare_files();
        compare_tensors();
        std::ranges::sort(diff_.files, {}, &FileChange::path);
        std::ranges::stable_sort(diff_.tensors, {}, &TensorChange::name);
        return std::move(diff_);
    }

private:
    using Tensors = std::span<const Tensor>;

    void compare_files()
    {
        std::multimap<Bytes32, const FileEntry*> removed;
        for (const auto& file : old_.files())
        {
            if (new_.find_file(file.path) == nullptr)
                removed.emplace(file.sha256, &file);
        }
        for (const auto& file : new_.files())
        {
            const auto* const before = old_.find_file(file.path);
            if (before == nullptr)
                add_new_file(file, removed);
            else if (same_contents(*before, file))
                ++diff_.unchanged_files;
            else
                diff_.files.push_back({.kind = ChangeKind::changed,
                    .path = file.path,
                    .old_path = {},
                    .old_size = before->size,
                    .size = file.size});
        }
        for (const auto& [hash, file] : removed)
            diff_.files.push_back({.kind = ChangeKind::removed,
                .path = file->path,
                .old_path = {},
                .old_size = file->size,
                .size = 0});
    }

    /// A new path takes its contents from a path that went, if one had them.
    void add_new_file(const FileEntry& file, std::multimap<Bytes32, const FileEntry*>& removed)
    {
        const auto from = removed.find(file.sha256);
        const bool moved = from != removed.end() && same_contents(*from->second, file);
        diff_.files.push_back({.kind = moved ? ChangeKind::moved : ChangeKind::added,
            .path = file.path,
            .old_path = moved ? from->second->path : std::string{},
            .old_size = moved ? file.size : 0,
            .size = file.size});
        if (moved)
            removed.erase(from);
    }

    [[nodiscard]] const FileEntry& old_file(const Tensor& t) const
    {
        return old_.files()[t.file_index];
    }
    [[nodiscard]] const FileEntry& new_file(const Tensor& t) const
    {
        return new_.files()[t.file_index];
    }

    void compare_tensors()
    {
        // Both are in order of names, and a name stands once for each file that has it.
        Tensors before = old_.tensors();
        Tensors after = new_.tensors();
        const auto take_name = [](Tensors& from, std::string_view name) {
            const auto stop =
                std::ranges::find_if(from, [&](const Tensor& t) { return t.name != name; });
            const auto taken = from.first(static_cast<std::size_t>(stop - from.begin()));
            from = from.subspan(taken.size());
            return taken;
        };
        while (!before.empty() || !after.empty())
        {
            const std::string_view name =
                before.empty() ? std::string_view{after.front().name}
                : after.empty()
                    ? std::string_view{before.front().name}
                    : std::min<std::string_view>(before.front().name, after.front().name);
            const auto olds = take_name(before, name);
            compare_name(olds, take_name(after, name));
        }
    }

    void compare_name(Tensors before, Tensors after)
    {
        std::vector<const Tensor*> gone;
        std::vector<const Tensor*> fresh;
        for (const auto& t : before)
        {
            const auto stays = std::ranges::find(after, old_file(t).path,
                [&](const Tensor& n) { return std::string_view{new_file(n).path}; });
            if (stays == after.end())
                gone.push_back(&t);
            else
                compare_pair(t, *stays);
        }
        for (const auto& t : after)
        {
            const bool known = std::ranges::any_of(
                before, [&](const Tensor& o) { return old_file(o).path == new_file(t).path; });
            if (!known)
                fresh.push_back(&t);
        }
        const auto moved = std::min(gone.size(), fresh.size());
        for (std::size_t i = 0; i < moved; ++i)
            compare_pair(*gone[i], *fresh[i]);
        for (std::size_t i = moved; i < gone.size(); ++i)
            diff_.tensors.push_back({.kind = ChangeKind::removed,
                .name = gone[i]->name,
                .file = old_file(*gone[i]).path,
                .old_file = {}});
        for (std::size_t i = moved; i < fresh.size(); ++i)
            diff_.tensors.push_back({.kind = ChangeKind::added,
                .name = fresh[i]->name,
                .file = new_file(*fresh[i]).path,
                .old_file = {}});
    }

    void compare_pair(const Tensor& before, const Tensor& after)
    {
        const auto& from = old_file(before).path;
        const auto& to = new_file(after).path;
        TensorChange change{.kind = from == to ? ChangeKind::changed : ChangeKind::moved,
            .name = after.name,
            .file = to,
            .old_file = from == to ? std::string{} : from,
            .dtype_changed = before.dtype != after.dtype,
            .shape_changed = before.shape != after.shape,
            .content = compare_content(before, after)};
        if (change.kind == ChangeKind::changed && !change.dtype_changed && !change.shape_changed &&
            change.content == ContentChange::same)
            ++diff_.unchanged_tensors;
        else
            diff_.tensors.push_back(std::move(change));
    }

    [[nodiscard]] ContentChange compare_content(const Tensor& before, const Tensor& after) const
    {
        if (before.size != after.size)
            return ContentChange::changed;
        const auto& from = old_file(before);
        const auto& to = new_file(after);
        const bool same_file =
            same_contents(from, to) && before.offset - from.offset == after.offset - to.offset;
        if (before.size == 0 || same_file)
            return ContentChange::same;
        if (before.offset % PAYLOAD_BYTES_PER_BLOB != after.offset % PAYLOAD_BYTES_PER_BLOB)
            return ContentChange::unknown;
        return compare_blobs(before.offset, after.offset, after.size);
    }

    /// @pre  both offsets lie at the same place of their blobs.
    [[nodiscard]] ContentChange compare_blobs(
        std::uint64_t old_offset, std::uint64_t new_offset, std::uint64_t size) const
    {
        const auto old_blob = old_offset / PAYLOAD_BYTES_PER_BLOB;
        const auto new_blob = new_offset / PAYLOAD_BYTES_PER_BLOB;
        const auto end = new_offset + size;
        const auto last = (end - 1) / PAYLOAD_BYTES_PER_BLOB;
        auto content = ContentChange::same;
        for (auto blob = new_blob; blob <= last; ++blob)
        {
            if (same_blob_(old_blob + (blob - new_blob), blob))
                continue;
            const auto begin = blob * PAYLOAD_BYTES_PER_BLOB;
            if (begin >= new_offset && begin + PAYLOAD_BYTES_PER_BLOB <= end)
                return ContentChange::changed;
            content = ContentChange::unknown;
        }
        return content;
    }

    const Directory& old_;
    const Directory& new_;
    const SameBlob& same_blob_;
    DirectoryDiff diff_;
};

}  // namespace

DirectoryDiff diff_directories(
    const Directory& old_directory, const Directory& new_directory, const SameBlob& same_blob)
{
    return Differ{old_directory, new_directory, same_blob}.run();
}

}  // namespace ashlar
