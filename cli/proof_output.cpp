#include "cli/proof_output.hpp"

#include "base/file.hpp"
#include "base/log.hpp"
#include "base/size_text.hpp"

namespace ashlar
{

void add_proof_output_options(CLI::App& command, ProofOutputOptions& options)
{
    command.add_option("--out", options.file, "Write the proof (JSON) to this file")
        ->option_text("FILE");
    command.add_flag("--calldata", options.calldata, "Print the contract's calldata");
}

Result<void> put_proof(
    const ReadyProof& proof, const ProofOutputOptions& options, Output& output, Json& summary)
{
    if (!options.file.empty())
    {
        auto line = proof.json + "\n";
        if (auto written = write_file_atomically(options.file, as_byte_view(line), false); !written)
            return fail(ErrorKind::invalid_input, "{}", written.error().message);
    }
    if (options.calldata)
        output.line(hex_with_prefix(proof.calldata));
    else if (options.file.empty())
        output.line(proof.json);
    summary["calldata"] = hex_with_prefix(proof.calldata);
    if (options.file.empty())
        summary["proof"] = Json::parse(proof.json, nullptr, false);
    return {};
}

void show_backing(const LightObject& object, bool text, Output& output, Json& summary)
{
    const auto& certificate = object.binding().certificate;
    summary["certificate_signers"] = object.signers().size();
    summary["certificate_expiry"] = certificate ? certificate->expiry_unix_seconds : 0;
    if (!text)
        return;
    output.line(certificate
                    ? fmt::format("behind the root: a certificate of {} until {}, and walks",
                          count_of(object.signers().size(), "node"),
                          format_date(certificate->expiry_unix_seconds))
                    : std::string{"behind the root: walks alone; no certificate was found"});
}

void finish_summary(
    const LightObject& object, std::uint64_t socket_bytes, Output& output, Json& summary)
{
    report_false_answers(object.false_answers(), output);
    summary["socket_bytes"] = socket_bytes;
    output.message("summary", summary);
}

std::string hex_with_prefix(ByteView bytes)
{
    return "0x" + to_hex(bytes);
}

}  // namespace ashlar
