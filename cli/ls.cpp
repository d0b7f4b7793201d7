#include <memory>

#include "base/log.hpp"
#include "checkpoint/dtype.hpp"
#include "cli/common_options.hpp"
#include "retrieval/fetch.hpp"

namespace ashlar
{
namespace
{

struct LsOptions
{
    ObjectOptions object;
    bool tensors = false;
};

void list_files(const Directory& directory, Output& output)
{
    for (const auto& file : directory.files())
    {
        const auto path = printable(file.path);
        output.line(fmt::format("{:>16}  {}", file.size, path));
        output.message(
            "file", {{"path", path}, {"size", file.size}, {"offset", file.offset},
                        {"sha256", to_hex(file.sha256)}, {"git_sha1", to_hex(file.git_sha1)}});
    }
}

void list_tensors(const Directory& directory, Output& output)
{
    for (const auto& tensor : directory.tensors())
    {
        const auto name = printable(tensor.name);
        const auto file = printable(directory.files()[tensor.file_index].path);
        output.line(fmt::format("{:>16}  {:<8}  [{}]  {}  {}", tensor.size, to_string(tensor.dtype),
            fmt::join(tensor.shape, ", "), name, file));
        output.message("tensor",
            {{"name", name}, {"file", file}, {"dtype", to_string(tensor.dtype)},
                {"shape", tensor.shape}, {"size", tensor.size}, {"offset", tensor.offset}});
    }
}

Result<ExitCode> ls(const LsOptions& options, Output& output)
{
    ASHLAR_TRY(const auto opened, open_light_object(options.object));
    ASHLAR_TRY(auto blobs, opened.blobs());
    ASHLAR_TRY(const auto directory, fetch_directory(opened.view, blobs, output));
    report_light_answers(opened, blobs, output);
    if (options.tensors)
        list_tensors(directory, output);
    else
        list_files(directory, output);
    return ExitCode::done;
}

}  // namespace

void add_ls_command(CLI::App& app, Invocation& invocation)
{
    auto* const command =
        app.add_subcommand("ls", "List an object's files or tensors, as its publisher declares");
    const auto options = std::make_shared<LsOptions>();
    add_object_options(*command, options->object, invocation);
    command->add_flag("--tensors", options->tensors, "List tensors instead of files");
    command->callback([options, &invocation] {
        invocation.run = [options](Output& output) { return ls(*options, output); };
    });
}

}  // namespace ashlar
