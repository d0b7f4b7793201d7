// Answers of an Ethereum node as anybody may send them: each call gives a value or an error, within
// its bounds, and nothing crashes.

#include "chain/json_rpc.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace ashlar;
    const std::string answer{as_text(std::as_bytes(std::span{data, size}))};
    const JsonRpcClient node{[&](const std::string&) { return Result<std::string>{answer}; }};
    const auto call = node.call_contract({}, {});
    ASHLAR_ASSERT(!call || 2 * call->size() <= size);
    if (call)
    {
        const auto words = call->size() / 32;
        ASHLAR_ASSERT(!number_in_word(*call, words));
        for (std::size_t i = 0; i < words; ++i)
            static_cast<void>(number_in_word(*call, i));
    }
    static_cast<void>(node.chain_id());
    static_cast<void>(node.send_transaction({}));
    static_cast<void>(node.receipt({}));
    static_cast<void>(node.block_number());
    static_cast<void>(node.block_at(1));
    ASHLAR_ASSERT(!node.block({}));  // Nothing has this hash.
    const auto logs = node.logs({.last_block = ~std::uint64_t{0}});
    ASHLAR_ASSERT(!logs || logs->size() <= LOGS_MAX);
    const auto proof = node.state_proof({}, std::vector<Bytes32>(1), 1);
    ASHLAR_ASSERT(!proof || proof->storage.size() == 1);
    return 0;
}
