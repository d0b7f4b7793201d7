/// The program itself: init, run, signals, exit codes.

#include <csignal>
#include <cstdio>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include "tests/support/temporary_folder.hpp"
#include "transport/grpc_node_client.hpp"

namespace ashlar::test
{
namespace
{

/// A child process with its standard output on a pipe.
class Process
{
public:
    explicit Process(const std::vector<std::string>& arguments)
    {
        std::array<int, 2> pipe{};
        EXPECT_EQ(::pipe(pipe.data()), 0);
        process_ = ::fork();
        if (process_ == 0)
        {
            ::dup2(pipe[1], STDOUT_FILENO);
            ::close(pipe[0]);
            ::close(pipe[1]);
            std::vector<char*> words{const_cast<char*>(ASHLAR_DA_NODE_PROGRAM)};
            for (const auto& argument : arguments)
                words.push_back(const_cast<char*>(argument.c_str()));
            words.push_back(nullptr);
            ::execv(words[0], words.data());
            ::_exit(127);
        }
        ::close(pipe[1]);
        output_ = ::fdopen(pipe[0], "r");
    }
    ~Process()
    {
        if (process_ > 0)
        {
            ::kill(process_, SIGKILL);
            (void)wait();
        }
        std::fclose(output_);
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    void signal(int number) const { ::kill(process_, number); }

    /// Exit status, or −1 if a signal ended it.
    int wait()
    {
        int status = 0;
        ::waitpid(process_, &status, 0);
        process_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

    std::string read_line()
    {
        std::string line;
        for (int c = std::fgetc(output_); c != EOF && c != '\n'; c = std::fgetc(output_))
            line.push_back(static_cast<char>(c));
        return line;
    }

    std::string read_all()
    {
        std::string text;
        for (int c = std::fgetc(output_); c != EOF; c = std::fgetc(output_))
            text.push_back(static_cast<char>(c));
        return text;
    }

private:
    pid_t process_ = -1;
    std::FILE* output_ = nullptr;
};

/// A node's folder, its entry and a committee of it alone.
class program : public testing::Test
{
protected:
    program()
    {
        Process init{{"init", "--dir", node(), "--listen", "127.0.0.1:7400"}};
        const auto entry = nlohmann::json::parse(init.read_all());
        EXPECT_EQ(init.wait(), 0);
        const auto& record = entry.at("record");
        const auto text = [](const nlohmann::json& value) { return value.get<std::string>(); };
        const auto key_bytes = array_from_hex<48>(text(entry.at("pubkey"))).value();
        committee.emplace(Committee::make(
            {.binding = {},
                .members = {{.key = BlsPublicKey::parse(key_bytes).value(),
                    .possession_proof = array_from_hex<96>(text(entry.at("pop"))).value(),
                    .operator_id = array_from_hex<32>(text(entry.at("operator"))).value(),
                    .weight = 1}},
                .shards = {},
                .records = {SignedNodeRecord{
                    .record = {.sequence = record.at("sequence").get<std::uint64_t>(),
                        .endpoint = text(record.at("endpoint")),
                        .tls_certificate = text(record.at("certificate"))},
                    .signature = array_from_hex<96>(text(record.at("signature"))).value()}}})
                              .value());
        folder.write("committee.json", committee->to_json());
    }

    [[nodiscard]] std::string node() const { return folder.path() / "node"; }

    [[nodiscard]] std::vector<std::string> run_arguments() const
    {
        return {"run", "--dir", node(), "--committee", folder.path() / "committee.json", "--listen",
            "127.0.0.1:0", "--log-level", "off"};
    }

    TemporaryFolder folder;
    std::optional<Committee> committee;
};

}  // namespace

TEST_F(program, serves_until_sigterm)
{
    for (const int ending : {SIGTERM, SIGINT})
    {
        Process run{run_arguments()};
        const auto ready = run.read_line();
        ASSERT_TRUE(ready.starts_with("ready 127.0.0.1:")) << ready;
        const auto& record = committee->record(0)->record;
        GrpcNodeClient client{{.endpoint = ready.substr(6),
            .tls_certificate = record.tls_certificate,
            .server_name = tls_server_name(committee->members()[0].key)}};
        const auto status = client.status();
        ASSERT_TRUE(status) << status.error().message;
        EXPECT_EQ(status->committee_root, committee->root());
        run.signal(ending);
        EXPECT_EQ(run.wait(), 0);
    }
}

TEST_F(program, second_process_is_refused_and_a_killed_one_leaves_no_lock)
{
    Process first{run_arguments()};
    ASSERT_TRUE(first.read_line().starts_with("ready"));
    Process second{run_arguments()};
    EXPECT_EQ(second.wait(), 2);
    first.signal(SIGKILL);
    EXPECT_EQ(first.wait(), -1);
    Process third{run_arguments()};
    EXPECT_TRUE(third.read_line().starts_with("ready"));
}

TEST_F(program, unusable_arguments_exit_with_two)
{
    EXPECT_EQ(Process{{}}.wait(), 2);
    EXPECT_EQ(Process({"run", "--dir", node()}).wait(), 2);
    EXPECT_EQ(Process({"run", "--dir", node(), "--committee", node() + "/none"}).wait(), 2);
    EXPECT_EQ(Process({"init", "--dir", node(), "--listen", "nowhere"}).wait(), 2);
    EXPECT_EQ(Process{{"--help"}}.wait(), 0);
}

}  // namespace ashlar::test
