#include "cli/output.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/chrono.h>
#include <unistd.h>

#include "base/size_text.hpp"
#include "cli/exit_code.hpp"

namespace ashlar
{
namespace
{

constexpr std::chrono::milliseconds SHOW_INTERVAL{100};
constexpr std::string_view ERASE_LINE = "\r\x1b[K";

double seconds(std::chrono::nanoseconds time) noexcept
{
    return std::chrono::duration<double>{time}.count();
}

std::string amount(ProgressUnit unit, std::uint64_t value)
{
    return unit == ProgressUnit::bytes ? format_size(value) : fmt::format("{}", value);
}

std::string clock_text(std::uint64_t total_seconds)
{
    const auto minutes = total_seconds / 60;
    if (minutes < 60)
        return fmt::format("{}:{:02}", minutes, total_seconds % 60);
    return fmt::format("{}:{:02}:{:02}", minutes / 60, minutes % 60, total_seconds % 60);
}

/// A stream that cannot be written is no reason to stop work; main() looks at it in the end.
void write(std::FILE* stream, std::string_view text)
{
    std::fwrite(text.data(), 1, text.size(), stream);
    std::fflush(stream);
}

void write_json(const Json& json)
{
    // Text that is not UTF-8 gets replacement characters: dump() must not throw.
    write(stdout, json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

/// Scripts rely on one line an error, whatever a library's message holds.
std::string single_line(std::string_view text)
{
    std::string line{text};
    std::ranges::replace_if(
        line, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
    return line;
}

}  // namespace

OutputMode output_mode(bool json) noexcept
{
    if (json)
        return OutputMode::json;
    return ::isatty(STDERR_FILENO) == 1 ? OutputMode::terminal : OutputMode::plain;
}

double ProgressReport::fraction() const noexcept
{
    if (total == 0)
        return 1;
    return std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
}

double ProgressReport::per_second() const noexcept
{
    return elapsed.count() <= 0 ? 0 : static_cast<double>(done) / seconds(elapsed);
}

std::optional<std::uint64_t> ProgressReport::seconds_remaining() const noexcept
{
    // A rate from the first moments would promise anything.
    if (done == 0 || elapsed < std::chrono::seconds{1})
        return std::nullopt;
    const auto left = total > done ? total - done : 0;
    return static_cast<std::uint64_t>(static_cast<double>(left) / per_second() + 0.5);
}

std::string progress_line(const ProgressReport& report)
{
    auto text = fmt::format("{:<12} {:>3.0f} %  {} of {}", report.stage, 100 * report.fraction(),
        amount(report.unit, report.done), amount(report.unit, report.total));
    if (const auto left = report.seconds_remaining())
    {
        const auto rate = static_cast<std::uint64_t>(report.per_second());
        text += fmt::format("  {}/s  {} left", amount(report.unit, rate), clock_text(*left));
    }
    return text;
}

Json progress_json(const ProgressReport& report)
{
    const auto* const unit = report.unit == ProgressUnit::bytes ? "bytes" : "items";
    Json json{{"message_type", "status"}, {"stage", report.stage},
        {"seconds_elapsed", static_cast<std::uint64_t>(seconds(report.elapsed))},
        {"percent_done", report.fraction()}, {fmt::format("total_{}", unit), report.total},
        {fmt::format("{}_done", unit), report.done}};
    if (const auto left = report.seconds_remaining())
        json["seconds_remaining"] = *left;
    return json;
}

std::string format_date(std::uint64_t unix_seconds)
{
    constexpr std::uint64_t YEAR_10000 = 253'402'300'800;
    if (unix_seconds >= YEAR_10000)
        return fmt::format("{} s", unix_seconds);
    return fmt::format("{:%Y-%m-%d}", fmt::gmtime(static_cast<std::time_t>(unix_seconds)));
}

std::string count_of(std::uint64_t count, std::string_view singular)
{
    return fmt::format("{} {}{}", count, singular, count == 1 ? "" : "s");
}

Output::Output(OutputMode mode, const Clock& clock) : mode_{mode}, clock_{clock}
{}

Output::~Output()
{
    const MutexLock lock{mutex_};
    clear_progress();
}

void Output::advance(
    std::string_view stage, ProgressUnit unit, std::uint64_t done, std::uint64_t total)
{
    if (mode_ == OutputMode::plain)
        return;
    const auto now = clock_.monotonic();
    // Calls come from hot loops: all but ten a second end here, without a lock. A stage's last
    // call passes, so that every stage is seen to end.
    if (done < total && now.count() < next_show_ns_.load(std::memory_order_relaxed))
        return;
    next_show_ns_.store((now + SHOW_INTERVAL).count(), std::memory_order_relaxed);

    const MutexLock lock{mutex_};
    // A stage of the same name but another size is a new one: a directory, then the files.
    if (stage_ != stage || stage_total_ != total)
    {
        stage_ = stage;
        stage_total_ = total;
        stage_begin_ = now;
    }
    show({.stage = stage,
        .unit = unit,
        .done = done,
        .total = total,
        .elapsed = now - stage_begin_});
}

void Output::show(const ProgressReport& report)
{
    if (mode_ == OutputMode::json)
        return write_json(progress_json(report));
    write(stderr, fmt::format("{}{}", ERASE_LINE, progress_line(report)));
    line_shown_ = true;
}

void Output::clear_progress()
{
    if (!line_shown_)
        return;
    write(stderr, ERASE_LINE);
    line_shown_ = false;
}

void Output::print(std::string_view text)
{
    const MutexLock lock{mutex_};
    clear_progress();
    write(stdout, text);
}

void Output::line(std::string_view text)
{
    if (mode_ != OutputMode::json)
        print(fmt::format("{}\n", text));
}

void Output::message(std::string_view type, const Json& fields)
{
    if (mode_ != OutputMode::json)
        return;
    Json json{{"message_type", type}};
    json.update(fields);
    const MutexLock lock{mutex_};
    write_json(json);
}

void Output::warning(std::string_view text)
{
    message("warning", {{"message", text}});
    const MutexLock lock{mutex_};
    clear_progress();
    write(stderr, fmt::format("ashlar: {}\n", single_line(text)));
}

void Output::error(const Error& error)
{
    message("error", {{"kind", to_string(error.kind)}, {"message", error.message},
                         {"code", static_cast<int>(exit_code_for(error.kind))}});
    const MutexLock lock{mutex_};
    clear_progress();
    write(stderr, fmt::format("ashlar: {}\n", single_line(error.message)));
}

}  // namespace ashlar
