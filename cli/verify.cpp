#include "retrieval/verify_folder.hpp"

#include <memory>

#include "base/log.hpp"
#include "cli/common_options.hpp"
#include "provenance/statement.hpp"
#include "retrieval/fetch.hpp"

namespace ashlar
{
namespace
{

struct VerifyOptions
{
    ObjectOptions object;
    std::string folder;
};

/// The statement that `publish --sign` adds to the folder's files: it is in the object alone.
Result<std::optional<AddedFile>> published_statement(
    const ObjectView& view, const Directory& directory, BlobFetcher& blobs, Output& output)
{
    const auto* const file = directory.find_file(STATEMENT_FILE);
    if (file == nullptr || is_zero(view.header.fields().provenance_root))
        return std::optional<AddedFile>{};
    ASHLAR_TRY(auto contents, fetch_small_file(blobs, *file, SIGNED_JSON_BYTES_MAX, output));
    return std::optional{AddedFile{.path = file->path, .contents = std::move(contents)}};
}

Result<ExitCode> verify(VerifyOptions options, Output& output)
{
    ASHLAR_TRY(options.object, name_object(options.object, options.folder, output));
    if (options.folder.empty())
        return fail(ErrorKind::invalid_input, "name the FOLDER to compare with the object");
    ASHLAR_TRY(const auto opened, open_requested_object(options.object, output));
    const auto& [connection, view] = opened;
    ASHLAR_TRY(auto blobs, BlobFetcher::make(view, connection.committee(), connection.nodes(), {}));
    ASHLAR_TRY(const auto directory, fetch_directory(view, blobs, output));
    ASHLAR_TRY(const auto added, published_statement(view, directory, blobs, output));
    ASHLAR_TRY(
        const auto mismatches, verify_folder(view, directory, options.folder, output, added));

    for (const auto& mismatch : mismatches)
    {
        const auto path = printable(mismatch.path);
        output.line(path.empty() ? mismatch.what : fmt::format("{}: {}", path, mismatch.what));
        output.message("mismatch", {{"path", path}, {"what", mismatch.what}});
    }
    output.line(mismatches.empty()
                    ? fmt::format("{} matches the object: {}, every byte",
                          printable(options.folder), count_of(directory.files().size(), "file"))
                    : fmt::format("{} does not match the object", printable(options.folder)));
    output.message("summary", {{"matches", mismatches.empty()}, {"files", directory.files().size()},
                                  {"mismatches", mismatches.size()}});
    return mismatches.empty() ? ExitCode::done : ExitCode::answer_is_no;
}

}  // namespace

void add_verify_command(CLI::App& app, Invocation& invocation)
{
    auto* const command =
        app.add_subcommand("verify", "Does a local folder hold exactly an object's checkpoint?");
    const auto options = std::make_shared<VerifyOptions>();
    add_object_or_model_options(*command, options->object, invocation);
    command->add_option("folder", options->folder, "Checkpoint folder")->option_text("FOLDER");
    command->callback([options, &invocation] {
        invocation.run = [options](Output& output) { return verify(*options, output); };
    });
}

}  // namespace ashlar
