#include "cli/output.hpp"

#include <gtest/gtest.h>

namespace ashlar
{
namespace
{

using namespace std::chrono_literals;

ProgressReport upload(std::uint64_t done, std::chrono::nanoseconds elapsed)
{
    return {.stage = "upload",
        .unit = ProgressUnit::bytes,
        .done = done,
        .total = 4'000'000,
        .elapsed = elapsed};
}

TEST(progress_report, line_shows_rate_and_time_left)
{
    EXPECT_EQ(progress_line(upload(1'000'000, 10s)),
        "upload        25 %  1.00 MB of 4.00 MB  100 KB/s  0:30 left");
}

TEST(progress_report, line_promises_nothing_in_the_first_second)
{
    EXPECT_EQ(progress_line(upload(1'000'000, 999ms)), "upload        25 %  1.00 MB of 4.00 MB");
    EXPECT_FALSE(upload(1'000'000, 999ms).seconds_remaining());
    EXPECT_TRUE(upload(1'000'000, 1s).seconds_remaining());
    EXPECT_FALSE(upload(0, 10s).seconds_remaining());
}

TEST(progress_report, line_of_items_and_hours)
{
    const ProgressReport report{
        .stage = "sample", .unit = ProgressUnit::items, .done = 1, .total = 4'097, .elapsed = 1s};
    EXPECT_EQ(progress_line(report), "sample         0 %  1 of 4097  1/s  1:08:16 left");
}

TEST(progress_report, fraction_stays_within_bounds)
{
    EXPECT_EQ(upload(8'000'000, 1s).fraction(), 1);
    EXPECT_EQ(upload(8'000'000, 1s).seconds_remaining(), 0u);
    EXPECT_EQ((ProgressReport{
                   .stage = "x", .unit = ProgressUnit::items, .done = 0, .total = 0, .elapsed = 0s})
                  .fraction(),
        1);
}

TEST(progress_report, json_has_the_field_names_of_restic)
{
    const auto json = progress_json(upload(1'000'000, 10s));
    EXPECT_EQ(json["message_type"], "status");
    EXPECT_EQ(json["percent_done"], 0.25);
    EXPECT_EQ(json["bytes_done"], 1'000'000);
    EXPECT_EQ(json["total_bytes"], 4'000'000);
    EXPECT_EQ(json["seconds_remaining"], 30);
    EXPECT_FALSE(progress_json(upload(0, 0s)).contains("seconds_remaining"));
}

TEST(format_date, writes_days_until_the_year_9999)
{
    EXPECT_EQ(format_date(0), "1970-01-01");
    EXPECT_EQ(format_date(253'402'300'799), "9999-12-31");
    EXPECT_EQ(format_date(253'402'300'800), "253402300800 s");
    EXPECT_EQ(format_date(~0ULL), "18446744073709551615 s");
}

TEST(count_of, adds_an_s_but_to_one)
{
    EXPECT_EQ(count_of(0, "file"), "0 files");
    EXPECT_EQ(count_of(1, "file"), "1 file");
    EXPECT_EQ(count_of(2, "file"), "2 files");
}

/// What a piece of code prints, on both streams.
struct Printed
{
    std::string out;
    std::string err;
};

template <typename Body>
Printed printed_by(const Body& body)
{
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    body();
    auto err = testing::internal::GetCapturedStderr();
    return {.out = testing::internal::GetCapturedStdout(), .err = std::move(err)};
}

TEST(output, plain_prints_results_and_errors_but_no_progress)
{
    const auto printed = printed_by([] {
        Output output{OutputMode::plain};
        output.advance("upload", ProgressUnit::bytes, 1, 2);
        output.line("root 0x12");
        output.message("summary", {{"root", "0x12"}});
        output.error({ErrorKind::unavailable, "node 3 does not answer"});
    });
    EXPECT_EQ(printed.out, "root 0x12\n");
    EXPECT_EQ(printed.err, "ashlar: node 3 does not answer\n");
}

TEST(output, json_prints_one_object_a_line)
{
    const auto printed = printed_by([] {
        Output output{OutputMode::json};
        output.line("root 0x12");
        output.message("summary", {{"root", "0x12"}});
        output.error({ErrorKind::unavailable, "node 3 does not answer"});
    });
    EXPECT_EQ(printed.out,
        "{\"message_type\":\"summary\",\"root\":\"0x12\"}\n"
        "{\"message_type\":\"error\",\"kind\":\"unavailable\","
        "\"message\":\"node 3 does not answer\",\"code\":4}\n");
    EXPECT_EQ(printed.err, "ashlar: node 3 does not answer\n");
}

TEST(output, error_is_one_line_whatever_its_text)
{
    const auto printed = printed_by([] {
        Output output{OutputMode::plain};
        output.error({ErrorKind::invalid_input, "two\nlines \x1b[2J"});
    });
    EXPECT_EQ(printed.err, "ashlar: two lines  [2J\n");
}

TEST(output, json_of_broken_utf8_is_still_json)
{
    const auto printed = printed_by([] {
        Output output{OutputMode::json};
        output.message("file", {{"path", "\xff"}});
    });
    EXPECT_EQ(printed.out, "{\"message_type\":\"file\",\"path\":\"\xef\xbf\xbd\"}\n");
}

TEST(output, progress_is_shown_ten_times_a_second_and_at_the_end)
{
    ManualClock clock{1'000};
    const auto printed = printed_by([&] {
        Output output{OutputMode::json, clock};
        for (std::uint64_t i = 1; i < 1'000; ++i)
            output.advance("hash", ProgressUnit::items, i, 1'000);
        output.advance("hash", ProgressUnit::items, 1'000, 1'000);
    });
    EXPECT_EQ(std::ranges::count(printed.out, '\n'), 2);
}

TEST(output, terminal_line_is_erased_before_results)
{
    ManualClock clock{1'000};
    const auto printed = printed_by([&] {
        Output output{OutputMode::terminal, clock};
        output.advance("hash", ProgressUnit::items, 1, 2);
        output.line("done");
    });
    EXPECT_EQ(printed.err, "\r\x1b[Khash          50 %  1 of 2\r\x1b[K");
    EXPECT_EQ(printed.out, "done\n");
}

}  // namespace
}  // namespace ashlar
