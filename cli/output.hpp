#pragma once

/// Everything that `ashlar` prints: results on standard output, progress and errors on standard
/// error, or one JSON object a line on standard output with --json.

#include <atomic>
#include <chrono>
#include <optional>

#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/mutex.hpp"
#include "base/progress.hpp"

namespace ashlar
{

using Json = nlohmann::ordered_json;

enum class OutputMode : std::uint8_t
{
    terminal,  ///< Text, and progress on one line that is overwritten.
    plain,     ///< Text alone: standard error is a file or a pipe.
    json,
};

/// JSON if asked for, else by what standard error is.
[[nodiscard]] OutputMode output_mode(bool json) noexcept;

/// How far a stage is, with what can be derived from it.
struct ProgressReport
{
    std::string_view stage;
    ProgressUnit unit;
    std::uint64_t done;
    std::uint64_t total;
    std::chrono::nanoseconds elapsed;  ///< Since the stage began.

    [[nodiscard]] double fraction() const noexcept;    ///< 0 … 1; 1 if there is nothing to do.
    [[nodiscard]] double per_second() const noexcept;  ///< Units; 0 until that can be said.
    [[nodiscard]] std::optional<std::uint64_t> seconds_remaining() const noexcept;
};

/// "upload  45 %  1.20 GB of 2.66 GB  85.1 MB/s  0:17 left"
[[nodiscard]] std::string progress_line(const ProgressReport& report);

/// {"message_type":"status", …}, with the field names of restic's JSON output.
[[nodiscard]] Json progress_json(const ProgressReport& report);

/// "2026-12-21", in UTC; the number itself beyond the year 9999.
[[nodiscard]] std::string format_date(std::uint64_t unix_seconds);

/// "1 file", "2 files".
[[nodiscard]] std::string count_of(std::uint64_t count, std::string_view singular);

/// Thread-safe.
class Output final : public ProgressListener
{
public:
    explicit Output(OutputMode mode, const Clock& clock = system_clock());
    ~Output() override;
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;

    [[nodiscard]] bool is_json() const noexcept { return mode_ == OutputMode::json; }

    void advance(std::string_view stage, ProgressUnit unit, std::uint64_t done,
        std::uint64_t total) override;

    /// Lines that suit the mode already, with their ends of line.
    void print(std::string_view text);

    /// A line of the result; nothing with --json. Text from peers passes printable() first.
    void line(std::string_view text);

    /// An object of the result; nothing without --json.
    void message(std::string_view type, const Json& fields);

    /// Something the user should know although the command goes on.
    void warning(std::string_view text);

    /// "ashlar: …" on standard error, and an "error" object with --json.
    void error(const Error& error);

private:
    void clear_progress() ASHLAR_REQUIRES(mutex_);
    void show(const ProgressReport& report) ASHLAR_REQUIRES(mutex_);

    const OutputMode mode_;
    const Clock& clock_;
    std::atomic<std::int64_t> next_show_ns_{0};
    Mutex mutex_;
    std::string stage_ ASHLAR_GUARDED_BY(mutex_);
    std::uint64_t stage_total_ ASHLAR_GUARDED_BY(mutex_) = 0;
    std::chrono::nanoseconds stage_begin_ ASHLAR_GUARDED_BY(mutex_){};
    bool line_shown_ ASHLAR_GUARDED_BY(mutex_) = false;
};

}  // namespace ashlar
