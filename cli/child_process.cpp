#include "cli/child_process.hpp"

#include <array>
#include <charconv>
#include <csignal>
#include <fstream>
#include <sstream>
#include <thread>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/log.hpp"

namespace ashlar
{
namespace
{

constexpr std::uint64_t OUTPUT_BYTES_MAX = 64 << 10;

/// posix_spawn()'s file actions, which must be destroyed.
class FileActions
{
public:
    FileActions() { posix_spawn_file_actions_init(&actions_); }
    ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
    FileActions(const FileActions&) = delete;
    FileActions& operator=(const FileActions&) = delete;

    void open(int descriptor, const char* path, int flags)
    {
        posix_spawn_file_actions_addopen(&actions_, descriptor, path, flags, 0644);
    }
    void duplicate(int from, int to) { posix_spawn_file_actions_adddup2(&actions_, from, to); }

    /// A pipe that came with this process must not stay open for as long as its children run.
    void close_others() { posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1); }

    [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

private:
    posix_spawn_file_actions_t actions_{};
};

/// Starts the command in a new session with no signal blocked.
Result<pid_t> spawn(const ChildCommand& command, FileActions& actions)
{
    actions.close_others();
    std::vector<std::string> words{command.program.native()};
    words.insert(words.end(), command.arguments.begin(), command.arguments.end());
    std::vector<char*> argv;
    for (auto& word : words)
        argv.push_back(word.data());
    argv.push_back(nullptr);

    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    ::sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
    pid_t pid = 0;
    const int code =
        posix_spawn(&pid, words.front().c_str(), actions.get(), &attributes, argv.data(), environ);
    posix_spawnattr_destroy(&attributes);
    if (code != 0)
        return fail(ErrorKind::unavailable, "cannot start {}: {}",
            printable(command.program.native()), std::generic_category().message(code));
    return pid;
}

/// What /proc says of a process: its state's letter and when it started.
struct ProcessState
{
    char state;
    std::uint64_t start_ticks;
};

std::optional<ProcessState> read_state(pid_t pid)
{
    std::ifstream stream{fmt::format("/proc/{}/stat", pid)};
    std::string text{std::istreambuf_iterator<char>{stream}, {}};
    // The program's name, field 2, stands in parentheses and may hold anything.
    const auto name_end = text.rfind(')');
    if (name_end == std::string::npos)
        return std::nullopt;
    constexpr int STATE_FIELD = 3;
    constexpr int START_FIELD = 22;
    std::istringstream fields{text.substr(name_end + 1)};
    ProcessState found{};
    std::string skipped;
    fields >> found.state;
    for (int field = STATE_FIELD + 1; field < START_FIELD; ++field)
        fields >> skipped;
    fields >> found.start_ticks;
    if (!fields)
        return std::nullopt;
    return found;
}

Result<std::string> contents(const File& file)
{
    ASHLAR_TRY(const auto size, file.size_bytes());
    if (size > OUTPUT_BYTES_MAX)
        return fail(ErrorKind::unavailable, "it printed {} bytes", size);
    Bytes bytes(size);
    ASHLAR_CHECK(file.read_at(0, bytes));
    return std::string{as_text(bytes)};
}

std::string last_line_of(std::string_view text)
{
    const auto end = text.find_last_not_of(" \n");
    text = text.substr(0, end == std::string_view::npos ? 0 : end + 1);
    return printable(text.substr(text.rfind('\n') + 1));
}

}  // namespace

Result<std::string> run_command(const ChildCommand& command)
{
    const auto folder = std::filesystem::temp_directory_path();
    ASHLAR_TRY(const auto output, File::temporary(folder));
    ASHLAR_TRY(const auto errors, File::temporary(folder));
    FileActions actions;
    actions.open(STDIN_FILENO, "/dev/null", O_RDONLY);
    actions.duplicate(output.descriptor(), STDOUT_FILENO);
    actions.duplicate(errors.descriptor(), STDERR_FILENO);
    ASHLAR_TRY(const auto pid, spawn(command, actions));

    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    {
        const auto said = contents(errors);
        return fail(ErrorKind::unavailable, "{} failed: {}", printable(command.program.native()),
            said ? last_line_of(*said) : said.error().message);
    }
    return contents(output);
}

Result<ProcessIdentity> start_detached(
    const ChildCommand& command, const std::filesystem::path& log)
{
    FileActions actions;
    actions.open(STDIN_FILENO, "/dev/null", O_RDONLY);
    actions.open(STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_APPEND);
    actions.duplicate(STDOUT_FILENO, STDERR_FILENO);
    ASHLAR_TRY(const auto pid, spawn(command, actions));
    // The process is our child until we end, so its number is not given away before this.
    const auto state = read_state(pid);
    if (!state)
        return fail(ErrorKind::unavailable, "/proc does not show process {}", pid);
    return ProcessIdentity{.pid = pid, .start_ticks = state->start_ticks};
}

bool is_running(const ProcessIdentity& process)
{
    const auto state = read_state(process.pid);
    return state && state->start_ticks == process.start_ticks && state->state != 'Z' &&
           state->state != 'X';
}

void signal_process(const ProcessIdentity& process, int signal)
{
    if (is_running(process))
        ::kill(process.pid, signal);
}

bool wait_until_gone(
    const std::vector<ProcessIdentity>& processes, std::chrono::milliseconds timeout)
{
    constexpr std::chrono::milliseconds INTERVAL{10};
    const auto end = system_clock().monotonic() + timeout;
    while (std::ranges::any_of(processes, is_running))
    {
        if (system_clock().monotonic() >= end)
            return false;
        std::this_thread::sleep_for(INTERVAL);
    }
    return true;
}

std::string to_text(const ProcessIdentity& process)
{
    return fmt::format("{} {}\n", process.pid, process.start_ticks);
}

std::optional<ProcessIdentity> parse_process(std::string_view text)
{
    ProcessIdentity process{};
    const auto* const end = text.data() + text.size();
    const auto [pid_end, pid_error] = std::from_chars(text.data(), end, process.pid);
    // Numbers below 2 are init and process groups: never ours to signal.
    if (pid_error != std::errc{} || process.pid < 2 || pid_end == end || *pid_end != ' ')
        return std::nullopt;
    const auto [start_end, start_error] = std::from_chars(pid_end + 1, end, process.start_ticks);
    if (start_error != std::errc{} || std::string_view{start_end, end} != "\n")
        return std::nullopt;
    return process;
}

std::string last_line(const std::filesystem::path& file)
{
    constexpr std::uint64_t TAIL_BYTES = 4096;
    const auto log = File::open_read(file);
    const auto size = log ? log->size_bytes() : Result<std::uint64_t>{0};
    if (!log || !size)
        return "";
    Bytes tail(std::min(*size, TAIL_BYTES));
    if (const auto read = log->read_at(*size - tail.size(), tail); !read)
        return "";
    return last_line_of(as_text(tail));
}

}  // namespace ashlar
