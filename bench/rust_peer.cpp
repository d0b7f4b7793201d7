#include "bench/rust_peer.hpp"

#include <array>
#include <cstdio>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.hpp"

namespace ashlar
{

struct RustPeer::Process
{
    pid_t pid = 0;
    std::FILE* to = nullptr;
    std::FILE* from = nullptr;

    Process() = default;
    ~Process()
    {
        // Its input ends, and so does it.
        std::fclose(to);
        std::fclose(from);
        ::waitpid(pid, nullptr, 0);
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
};

RustPeer::RustPeer(std::unique_ptr<Process> process) : process_{std::move(process)}
{}

RustPeer::~RustPeer() = default;

std::unique_ptr<RustPeer> RustPeer::start()
{
    std::array<int, 2> input{};
    std::array<int, 2> output{};
    ASHLAR_ASSERT(::pipe(input.data()) == 0 && ::pipe(output.data()) == 0);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
    // The child must not hold the end that we close to stop it.
    ::posix_spawn_file_actions_addclose(&actions, input[1]);
    std::array<std::string, 2> words{"node", ASHLAR_BENCH_PEERS "/serve.mjs"};
    const std::array<char*, 3> arguments{words[0].data(), words[1].data(), nullptr};
    auto process = std::make_unique<Process>();
    const int failed =
        ::posix_spawnp(&process->pid, "node", &actions, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(input[0]);
    ::close(output[1]);
    process->to = ::fdopen(input[1], "w");
    process->from = ::fdopen(output[0], "r");
    if (failed != 0)
        return nullptr;
    auto peer = std::unique_ptr<RustPeer>{new RustPeer{std::move(process)}};
    // A process that could not load the package is gone by now, or will be.
    const Bytes zeros(std::size_t{32} * 4096);
    if (!peer->ask("blob " + to_hex(zeros)))
        return nullptr;
    return peer;
}

std::string RustPeer::set_blob(ByteView blob)
{
    const auto answer = ask("blob " + to_hex(blob));
    ASHLAR_ASSERT(answer.has_value());
    return answer->substr(answer->find(' ') + 1);
}

double RustPeer::run_ms(std::string_view command)
{
    const auto answer = ask(command);
    ASHLAR_ASSERT(answer.has_value());
    return std::stod(*answer) * 1e-3;
}

std::optional<std::string> RustPeer::ask(std::string_view line)
{
    std::fwrite(line.data(), 1, line.size(), process_->to);
    std::fputc('\n', process_->to);
    if (std::fflush(process_->to) != 0)
        return std::nullopt;
    std::string answer;
    for (int c = std::fgetc(process_->from); c != '\n'; c = std::fgetc(process_->from))
    {
        if (c == EOF)
            return std::nullopt;
        answer.push_back(static_cast<char>(c));
    }
    return answer;
}

}  // namespace ashlar
