#include "cli/model_signature_options.hpp"

#include "base/file.hpp"
#include "base/log.hpp"

namespace ashlar
{
namespace
{

constexpr std::uint64_t TRUST_FILE_BYTES_MAX = 1 << 20;

Result<std::string> read_trust_file(const std::string& path)
{
    if (path.empty())
        return std::string{};
    ASHLAR_TRY(const auto bytes, read_file(path, TRUST_FILE_BYTES_MAX));
    return std::string{as_text(bytes)};
}

std::string_view name_of(SignatureVerdict verdict) noexcept
{
    switch (verdict)
    {
        case SignatureVerdict::trusted:
            return "signed";
        case SignatureVerdict::untrusted:
            return "not checked";
        case SignatureVerdict::broken:
            return "broken";
    }
    return "unknown";
}

}  // namespace

void add_trust_options(CLI::App& command, TrustOptions& options, const std::string& key_name,
    const std::string& roots_name)
{
    command.add_option(key_name, options.key, "Public key (PEM) of who signed model.sig")
        ->option_text("FILE");
    command
        .add_option(roots_name, options.roots, "Root certificates (PEM) for who signed model.sig")
        ->option_text("FILE");
}

Result<SignatureTrust> read_trust(const TrustOptions& options)
{
    SignatureTrust trust;
    ASHLAR_TRY(trust.public_key, read_trust_file(options.key));
    ASHLAR_TRY(trust.root_certificates, read_trust_file(options.roots));
    return trust;
}

void report_model_signature(
    const ModelSignature& signature, const ModelSignatureReport& report, Output& output)
{
    output.line(fmt::format("  model.sig  {} by {}{}{}", name_of(report.verdict), report.signer,
        report.reason.empty() ? "" : ": ", report.reason));
    output.message("model_signature",
        {{"verdict", name_of(report.verdict)}, {"signer", report.signer}, {"reason", report.reason},
            {"model", printable(signature.model_name)}, {"files", signature.files.size()}});
}

}  // namespace ashlar
