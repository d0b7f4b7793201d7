#pragma once

/// A node in this process, on a folder of its own, that can be closed, killed and opened again.

#include <gtest/gtest.h>

#include "da-node/service.hpp"
#include "tests/support/scalar_codeword.hpp"
#include "tests/support/small_object.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ashlar::test
{

/// Fails the test if the result is an error.
inline void must(const Result<void>& result)
{
    if (!result)
        ADD_FAILURE() << result.error().message;
}

inline constexpr std::uint64_t NOW = 1'800'000'000;
inline constexpr std::uint64_t EXPIRY = NOW + 30 * SECONDS_PER_DAY;

class TestNode
{
public:
    struct Options
    {
        std::size_t members = 2;
        std::size_t member = 0;  ///< Which of them this node is.
        ServiceLimits limits{};
        NodeStore::Options store{.free_bytes_min = 0};
    };

    TestNode() : TestNode{Options{}} {}
    explicit TestNode(Options options)
      : options_{options}, committee_{make_test_committee(options.members)}
    {
        open();
    }

    [[nodiscard]] NodeService* operator->() { return service_.get(); }
    [[nodiscard]] NodeService& service() { return *service_; }
    [[nodiscard]] NodeStore& store() { return *store_; }
    [[nodiscard]] const Committee& committee() const { return committee_; }
    [[nodiscard]] ManualClock& clock() { return clock_; }
    [[nodiscard]] NodeStore::Options& store_options() { return options_.store; }
    [[nodiscard]] std::filesystem::path folder() const { return folder_->path() / "node"; }
    [[nodiscard]] std::filesystem::path object_folder(const Bytes32& root) const
    {
        return folder() / "objects" / to_hex(root);
    }
    [[nodiscard]] std::filesystem::path segment(const Bytes32& root) const
    {
        return object_folder(root) / "segment-000001.seg";
    }

    void close()
    {
        service_.reset();
        store_.reset();
    }
    void open()
    {
        store_ = NodeStore::open(folder(), options_.store).value();
        service_ = NodeService::make({.key = test_member_key(options_.member),
                                         .committee = committee_,
                                         .record = {},
                                         .store = *store_,
                                         .clock = clock_,
                                         .limits = options_.limits})
                       .value();
    }
    void restart()
    {
        close();
        open();
    }

    /// What a process that is killed now would find: the files as they are, nothing closed.
    void kill_and_restart()
    {
        auto next = std::make_unique<TemporaryFolder>();
        std::filesystem::copy(
            folder(), next->path() / "node", std::filesystem::copy_options::recursive);
        close();
        folder_ = std::move(next);
        open();
    }

    [[nodiscard]] std::vector<std::uint64_t> placed(const SmallObject& object) const
    {
        return Placement{object.header(), committee_}.pieces_of(options_.member);
    }

    [[nodiscard]] ReserveRequest reservation(
        const SmallObject& object, std::uint64_t expiry = EXPIRY, std::uint8_t publisher = 1) const
    {
        return make_reservation(object, committee_.root(), expiry, publisher);
    }

    [[nodiscard]] Result<void> put(const SmallObject& object, std::uint64_t piece)
    {
        const std::array pieces{object.carried(piece)};
        return service_->put_pieces(object.root(), pieces);
    }

    /// Reservation and metadata.
    void announce(const SmallObject& object)
    {
        must(service_->reserve(reservation(object)));
        must(service_->put_metadata(object.root(), object.metadata));
    }

    /// Everything up to the signature.
    void upload(const SmallObject& object)
    {
        announce(object);
        std::vector<CarriedPiece> pieces;
        for (const auto piece : placed(object))
            pieces.push_back(object.carried(piece));
        must(service_->put_pieces(object.root(), pieces));
    }

    void upload_and_sign(const SmallObject& object)
    {
        upload(object);
        service_->sign(object.root(), EXPIRY).value();
    }

private:
    Options options_;
    Committee committee_;
    ManualClock clock_{NOW};
    std::unique_ptr<TemporaryFolder> folder_ = std::make_unique<TemporaryFolder>();
    std::unique_ptr<NodeStore> store_;
    std::unique_ptr<NodeService> service_;
};

/// The object that most tests use; making one takes a while.
inline const SmallObject& small_object()
{
    static const SmallObject object = make_small_object();
    return object;
}

/// An object of two folded layers without its blobs: walks want the metadata only.
inline const SmallObject& folded_object()
{
    static const SmallObject object = [] {
        SeededRandom random{3};
        const auto shape = shape_of(300);
        SmallObject made;
        made.fields = {.payload_bytes = shape.data_blobs() * PAYLOAD_BYTES_PER_BLOB,
            .data_blobs = shape.data_blobs(),
            .parity_blobs = shape.parity_blobs()};
        made.bind(commitments_of(scalar_codeword(shape, random)));
        return made;
    }();
    return object;
}

template <typename T>
ErrorKind kind_of(const Result<T>& result)
{
    return result.error().kind;
}

}  // namespace ashlar::test
