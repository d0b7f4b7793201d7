#include <memory>

#include "base/file.hpp"
#include "cli/common_options.hpp"
#include "sampling-client/evidence_judge.hpp"

namespace ashlar
{
namespace
{

/// Judges one file, asking nobody.
Result<ExitCode> verify_evidence(const std::filesystem::path& file, Output& output)
{
    const auto bytes = read_file(file, EVIDENCE_BYTES_MAX);
    if (!bytes)
        return fail(ErrorKind::invalid_input, "no evidence: {}", bytes.error().message);
    auto judgement = judge_evidence(as_text(*bytes), file.parent_path());
    if (!judgement)
        return within(fmt::format("evidence {}", file.string()), std::move(judgement).error());
    const auto* const accused = judgement->accused == Accused::publisher ? "publisher" : "member";
    const auto* const shown = !judgement->is_shown                       ? "NOT SHOWN"
                              : judgement->accused == Accused::publisher ? "INVALID OBJECT"
                                                                         : "FALSE ANSWER";
    output.line(
        fmt::format("{}  0x{}\n{}", shown, to_hex(judgement->object_root), judgement->text));
    if (judgement->accused == Accused::member && judgement->is_shown)
        output.line("That the member gave it is the word of whoever kept the file.");
    output.message(
        "summary", {{"object_root", "0x" + to_hex(judgement->object_root)}, {"accused", accused},
                       {"shown", judgement->is_shown}, {"reason", judgement->text}});
    return judgement->is_shown ? ExitCode::done : ExitCode::answer_is_no;
}

}  // namespace

void add_verify_evidence_command(CLI::App& app, Invocation& invocation)
{
    auto* const command = app.add_subcommand(
        "verify-evidence", "Does a file that `sample --evidence` kept show what it says?");
    const auto file = std::make_shared<std::string>();
    command->add_option("FILE", *file, "Evidence (JSON)")->required();
    add_json_option(*command, invocation);
    command->callback([file, &invocation] {
        invocation.run = [file](Output& output) { return verify_evidence(*file, output); };
    });
}

}  // namespace ashlar
