#include <memory>

#include "base/log.hpp"
#include "checkpoint/directory_diff.hpp"
#include "cli/common_options.hpp"
#include "retrieval/fetch.hpp"

namespace ashlar
{
namespace
{

struct DiffOptions
{
    ObjectOptions old_object;  ///< The committee option is its, for both.
    std::string new_root;
};

/// An object and its directory, for which no blob of weights was fetched.
struct Version
{
    ObjectView view;
    Directory directory;
};

Result<Version> open_version(const ObjectOptions& object, Output& output)
{
    ASHLAR_TRY(auto opened, open_requested_object(object, output));
    ASHLAR_TRY(auto blobs, BlobFetcher::make(opened.view, opened.connection.committee(),
                               opened.connection.nodes(), {}));
    ASHLAR_TRY(auto directory, fetch_directory(opened.view, blobs, output));
    report_false_answers(blobs.false_answers(), output);
    return Version{.view = std::move(opened.view), .directory = std::move(directory)};
}

char mark_of(ChangeKind kind) noexcept
{
    switch (kind)
    {
        case ChangeKind::added:
            return '+';
        case ChangeKind::removed:
            return '-';
        case ChangeKind::changed:
            return '~';
        case ChangeKind::moved:
            return '>';
    }
    return '?';
}

std::string_view name_of(ChangeKind kind) noexcept
{
    switch (kind)
    {
        case ChangeKind::added:
            return "added";
        case ChangeKind::removed:
            return "removed";
        case ChangeKind::changed:
            return "changed";
        case ChangeKind::moved:
            return "moved";
    }
    return "unknown";
}

std::string_view name_of(ContentChange content) noexcept
{
    switch (content)
    {
        case ContentChange::same:
            return "same";
        case ContentChange::changed:
            return "changed";
        case ContentChange::unknown:
            return "unknown";
    }
    return "unknown";
}

void show_file(const FileChange& change, Output& output)
{
    const auto path = printable(change.path);
    const auto from =
        change.old_path.empty() ? "" : fmt::format("  from {}", printable(change.old_path));
    output.line(fmt::format(
        "{} {:>16} {:>16}  {}{}", mark_of(change.kind), change.old_size, change.size, path, from));
    output.message("file",
        {{"change", name_of(change.kind)}, {"path", path}, {"old_path", printable(change.old_path)},
            {"old_size", change.old_size}, {"size", change.size}});
}

/// "dtype, shape, bytes": what is not as it was.
std::string describe(const TensorChange& change)
{
    std::vector<std::string_view> what;
    if (change.dtype_changed)
        what.emplace_back("dtype");
    if (change.shape_changed)
        what.emplace_back("shape");
    if (change.content == ContentChange::changed)
        what.emplace_back("bytes");
    if (change.content == ContentChange::unknown)
        what.emplace_back("perhaps bytes");
    if (!change.old_file.empty())
        what.emplace_back("file");
    return fmt::format("{}", fmt::join(what, ", "));
}

void show_tensor(const TensorChange& change, Output& output)
{
    const bool paired = change.kind == ChangeKind::changed || change.kind == ChangeKind::moved;
    output.line(fmt::format("{} {}  {}{}", mark_of(change.kind), printable(change.name),
        printable(change.file), paired ? fmt::format("  ({})", describe(change)) : ""));
    output.message("tensor",
        {{"change", name_of(change.kind)}, {"name", printable(change.name)},
            {"file", printable(change.file)}, {"old_file", printable(change.old_file)},
            {"dtype_changed", change.dtype_changed}, {"shape_changed", change.shape_changed},
            {"content", name_of(change.content)}});
}

/// Equal commitments are equal blobs; beyond an object's data there is nothing to compare.
SameBlob compare_commitments(const ObjectView& before, const ObjectView& after)
{
    return [&](std::uint64_t old_blob, std::uint64_t new_blob) {
        return old_blob < before.header.shape().data_blobs() &&
               new_blob < after.header.shape().data_blobs() &&
               before.commitments->at(old_blob) == after.commitments->at(new_blob);
    };
}

Result<ExitCode> diff(const DiffOptions& options, Output& output)
{
    ASHLAR_TRY(const auto before, open_version(options.old_object, output));
    ASHLAR_TRY(const auto after,
        open_version(
            {.root = options.new_root, .committee = options.old_object.committee}, output));
    const auto found = diff_directories(
        before.directory, after.directory, compare_commitments(before.view, after.view));
    for (const auto& change : found.files)
        show_file(change, output);
    for (const auto& change : found.tensors)
        show_tensor(change, output);
    output.line(fmt::format("{} changed, {} not; {} changed, {} not",
        count_of(found.files.size(), "file"), found.unchanged_files,
        count_of(found.tensors.size(), "tensor"), found.unchanged_tensors));
    output.message("summary",
        {{"files_changed", found.files.size()}, {"files_unchanged", found.unchanged_files},
            {"tensors_changed", found.tensors.size()},
            {"tensors_unchanged", found.unchanged_tensors}});
    return ExitCode::done;
}

}  // namespace

void add_diff_command(CLI::App& app, Invocation& invocation)
{
    auto* const command = app.add_subcommand(
        "diff", "Say which files and tensors differ between two objects, without their weights");
    const auto options = std::make_shared<DiffOptions>();
    add_object_options(*command, options->old_object, invocation);
    command->add_option("other", options->new_root, "Root of the newer object")
        ->required()
        ->option_text("ROOT2");
    command->callback([options, &invocation] {
        invocation.run = [options](Output& output) { return diff(*options, output); };
    });
}

}  // namespace ashlar
