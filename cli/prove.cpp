#include <memory>

#include "base/file.hpp"
#include "base/log.hpp"
#include "base/size_text.hpp"
#include "checkpoint/dtype.hpp"
#include "cli/arguments.hpp"
#include "cli/proof_output.hpp"
#include "retrieval/directory_search.hpp"
#include "rollup/proof_json.hpp"
#include "rollup/tensor_slice.hpp"
#include "rollup/weight_prover.hpp"
#include "transport/socket_meter.hpp"

namespace ashlar
{
namespace
{

constexpr std::uint64_t DIRECTORY_BYTES_MAX = 1ULL << 32;

struct ProveCommand
{
    ObjectOptions object;
    ProofOutputOptions output;
    std::string tensor;
    std::string file;
    std::string index;
    std::string range;
    std::optional<std::uint64_t> blob;
    std::optional<std::uint64_t> element;
    std::optional<std::uint64_t> cell;
    std::string directory;  ///< Where the directory is kept between runs.
    bool light = false;     ///< Search the directory instead of reading it.
};

/// Exactly one thing is to be proven.
Result<void> check_choice(const ProveCommand& command)
{
    const bool in_blob = command.element.has_value() != command.cell.has_value();
    const int choices = static_cast<int>(!command.tensor.empty()) +
                        static_cast<int>(!command.range.empty()) +
                        static_cast<int>(command.blob.has_value());
    if (choices != 1 || (command.blob.has_value() && !in_blob) ||
        (!command.blob && (command.element || command.cell)))
        return fail(ErrorKind::invalid_input,
            "say what to prove: --tensor NAME, --range FIRST:END, --blob N --element N, or "
            "--blob N --cell N");
    return {};
}

Result<Directory> read_directory(LightObject& object, const Connection& connection, Output& output)
{
    const auto view = view_by_walks(object);
    ASHLAR_TRY(auto blobs, BlobFetcher::make(view, connection.committee(), connection.nodes(), {}));
    auto directory = fetch_directory(view, blobs, output);
    report_false_answers(view.commitments->false_answers(), output);
    report_false_answers(blobs.false_answers(), output);
    return directory;
}

/// From the file that keeps it, if that is this object's; else from the nodes, and kept.
Result<Directory> requested_directory(
    const ProveCommand& command, LightObject& object, const Connection& connection, Output& output)
{
    std::error_code error;
    if (command.directory.empty() || !std::filesystem::exists(command.directory, error))
    {
        ASHLAR_TRY(auto directory, read_directory(object, connection, output));
        if (!command.directory.empty())
            ASHLAR_CHECK(write_file_atomically(command.directory, directory.encode(), false));
        return directory;
    }
    ASHLAR_TRY(const auto bytes, read_file(command.directory, DIRECTORY_BYTES_MAX));
    auto directory = check_directory(object.header(), bytes);
    if (!directory)
        return fail(ErrorKind::invalid_input, "{} does not keep this object's directory: {}",
            printable(command.directory), directory.error().message);
    return directory;
}

Result<WeightProof> prove_tensor(
    const ProveCommand& command, LightObject& object, const Connection& connection, Output& output)
{
    const auto file = command.file.empty() ? std::nullopt : std::optional{command.file};
    if (command.light)
    {
        ASHLAR_TRY(auto search, DirectorySearch::open(object));
        ASHLAR_TRY(const auto found, search.tensor(command.tensor, file));
        ASHLAR_TRY(const auto place, tensor_slice(found, command.index));
        return prove_bytes(object, {.offset = found.offset + place.offset, .size = place.size});
    }
    ASHLAR_TRY(const auto directory, requested_directory(command, object, connection, output));
    ASHLAR_TRY(const auto* const tensor, find_tensor_entry(directory, command.tensor, file));
    ASHLAR_TRY(const auto within, tensor_slice(*tensor, command.index));
    return prove_tensor(object, directory, *tensor, within);
}

Result<WeightProof> make_proof(
    const ProveCommand& command, LightObject& object, const Connection& connection, Output& output)
{
    if (!command.tensor.empty())
        return prove_tensor(command, object, connection, output);
    if (command.element)
        return prove_element(object, *command.blob, *command.element);
    if (command.cell)
        return prove_cell(object, *command.blob, *command.cell);
    ASHLAR_TRY(const auto range, parse_number_range(command.range, "--range"));
    return prove_bytes(object, {.offset = range.begin, .size = range.end - range.begin});
}

void describe_proof(
    const WeightProof& proof, ByteView bytes, bool text, Output& output, Json& summary)
{
    summary["kind"] = to_string(proof.kind);
    summary["payload_offset"] = proof.range.offset;
    summary["bytes"] = hex_with_prefix(bytes);
    if (proof.tensor)
    {
        const auto& tensor = proof.tensor->tensor;
        summary["declared"] = {{"tensor", tensor.name}, {"dtype", to_string(tensor.dtype)},
            {"shape", tensor.shape}, {"offset", tensor.offset}, {"size", tensor.size}};
    }
    if (!text)
        return;
    output.line(fmt::format("{}, proven at payload byte {}: {}", format_size(bytes.size()),
        proof.range.offset, to_hex(bytes.first(std::min<std::size_t>(bytes.size(), 32)))));
    if (proof.tensor)
        output.line(fmt::format("declared by the publisher: tensor {}, {}, [{}]",
            printable(proof.tensor->tensor.name), to_string(proof.tensor->tensor.dtype),
            fmt::join(proof.tensor->tensor.shape, ", ")));
}

Result<ExitCode> prove(const ProveCommand& command, Output& output)
{
    ASHLAR_CHECK(check_choice(command));
    ASHLAR_TRY(const auto root, parse_root(command.object.root));
    ASHLAR_TRY(const auto connection, Connection::open(command.object.committee));
    SocketMeter meter;
    ASHLAR_TRY(auto object, LightObject::open(root, connection.committee(), connection.nodes()));
    ASHLAR_TRY(const auto proof, make_proof(command, object, connection, output));
    const auto socket_bytes = meter.poll().total();
    ASHLAR_TRY(const auto bytes, verify_weight_proof(root, proof));
    Json summary;
    // Standard output holds the proof alone, unless that goes to a file.
    const bool text = !command.output.file.empty() && !command.output.calldata;
    describe_proof(proof, bytes, text, output, summary);
    show_backing(object, text, output, summary);
    if (text)
        output.line(fmt::format("{} moved", format_size(socket_bytes)));
    ASHLAR_CHECK(put_proof({.json = to_json(proof), .calldata = weight_calldata(proof)},
        command.output, output, summary));
    finish_summary(object, socket_bytes, output, summary);
    return ExitCode::done;
}

}  // namespace

void add_prove_command(CLI::App& app, Invocation& invocation)
{
    auto* const command = app.add_subcommand(
        "prove", "Prove weights against the object root, as a contract takes it");
    const auto options = std::make_shared<ProveCommand>();
    add_object_options(*command, options->object, invocation);
    command->add_option("--tensor", options->tensor, "Bytes of this tensor")->option_text("NAME");
    command
        ->add_option("--index", options->index,
            "Of --tensor: a number, FIRST:END or : for each dimension, as in 12,7 or 12,0:64")
        ->option_text("INDEX");
    command
        ->add_option("--file", options->file, "File of --tensor, if several have one of that name")
        ->option_text("PATH");
    command->add_option("--range", options->range, "These bytes of the payload")
        ->option_text("FIRST:END");
    command->add_option("--blob", options->blob, "A data blob")->option_text("N");
    command->add_option("--element", options->element, "Of --blob: 31 bytes")->option_text("N");
    command->add_option("--cell", options->cell, "Of --blob: 1,984 bytes")->option_text("N");
    command
        ->add_option("--directory", options->directory,
            "Keep the directory in this file, and read it from there the next time")
        ->option_text("FILE");
    command
        ->add_flag("--light", options->light,
            "Find --tensor in a few proven cells of the directory. The proof is then one of bytes, "
            "which does not show a contract what the tensor is")
        ->needs("--tensor")
        ->excludes("--directory");
    add_proof_output_options(*command, options->output);
    command->callback([options, &invocation] {
        invocation.run = [options](Output& output) { return prove(*options, output); };
    });
}

}  // namespace ashlar
