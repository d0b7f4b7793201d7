#pragma once

/// One object on a node's disk: its rows in the index, its segment files, its ledger.

#include <map>

#include "base/mutex.hpp"
#include "da-node/store/object_segments.hpp"
#include "da-node/store/signed_ledger.hpp"
#include "da-node/store/stored_fold.hpp"

namespace ashlar
{

/// Pieces, and what they take on disk without headers and padding of slots.
struct StoredAmount
{
    std::uint64_t pieces = 0;
    std::uint64_t bytes = 0;
};

/// Thread-safe. Writes of one object wait for each other; reads wait for nobody.
class StoredObject
{
public:
    struct Place
    {
        std::filesystem::path folder;  ///< Exists.
        Bytes32 root;
        std::uint64_t segment_bytes_max;
    };

    /// Makes the index agree with the files: rows whose slot is not in its file are dropped, whole
    /// slots that no row knows are taken up, a torn tail is cut off. Then compares with the ledger.
    ///
    /// @pre the index outlives the object and has its record
    /// @return  corrupted if the record is not of this object.
    [[nodiscard]] static Result<std::shared_ptr<StoredObject>> open(Place place, StoreIndex& index);

    [[nodiscard]] const ObjectHeader& header() const noexcept { return header_; }
    [[nodiscard]] ObjectRecord record() const;

    /// Expiry of the latest signature, while all the pieces that it was given for are held;
    /// else 0: the node claims nothing that it would have to look for.
    [[nodiscard]] std::uint64_t claimed_expiry() const;

    /// Pieces held, by the object in whose segments they lie: this one, or one that they were
    /// inherited from.
    [[nodiscard]] std::map<Bytes32, StoredAmount> amounts() const;

    /// All pieces held, inherited ones included.
    [[nodiscard]] StoredAmount amount() const;

    /// Ascending.
    [[nodiscard]] Result<std::vector<std::uint64_t>> pieces() const;

    [[nodiscard]] Result<void> put_lease(const ObjectRecord& lease);

    /// @pre metadata has the lengths of the header's shape and was checked; the fold is its own
    [[nodiscard]] Result<void> put_metadata(const ObjectMetadata& metadata, const Fold& fold);

    /// @return  not_found before put_metadata().
    [[nodiscard]] Result<ObjectMetadata> metadata() const;

    /// The validated commitment of a stored blob.
    [[nodiscard]] Result<Commitment> commitment(std::uint64_t stored) const;

    /// The record that the header binds.
    /// @return  not_found before put_metadata(); corrupted if it is not what was written.
    [[nodiscard]] Result<FoldRecord> fold_record() const { return fold_.record(); }

    /// The walk from a position, after following its paths to the header's roots.
    /// @pre position < 2D
    /// @return  as fold_record(). A fold found damaged is made again when the object is opened.
    [[nodiscard]] Result<Bytes> walk(std::uint64_t position) const { return fold_.walk(position); }

    /// SHA-256 of a local parity.
    [[nodiscard]] Result<Bytes32> group_parity_hash(std::uint64_t local_parity) const;

    /// Keeps pieces in the form in which they are given. Durable when it returns; pieces already
    /// held are skipped, whatever their form.
    /// @pre the pieces were checked, and stored forms are differences to nothing
    [[nodiscard]] Result<void> put_pieces(std::span<const CarriedPiece> pieces);

    /// Takes up, without copying, pieces that another object of the same store holds under the
    /// same numbers. Its segment files get second names in this object's folder, so they outlive
    /// it; pieces in them that are not this object's go with the last name. Each slot is read
    /// first: a node does not sign for what has rotted. Pieces that `origin` lacks, or whose slot
    /// is damaged, or that this object has, are skipped.
    ///
    /// @pre the pieces are equal in both objects
    /// @return  unavailable if the file system makes no links; what was taken up before stays.
    [[nodiscard]] Result<void> inherit(
        const StoredObject& origin, std::span<const std::uint64_t> pieces);

    /// A piece as it lies on disk; a view of the reader until that is used again.
    /// @param reader  Used with this object alone.
    /// @return  not_found; corrupted if it is not what was written: the piece is then no longer
    ///          held.
    [[nodiscard]] Result<CarriedPiece> read_held(std::uint64_t piece, SlotReader& reader);

    /// The 131,072 bytes of a piece, decoded if need be.
    /// @return  as read_held()
    [[nodiscard]] Result<Bytes> read_piece(std::uint64_t piece);

    /// Notes, durably, that the node signs for all that it holds now.
    /// @param required  Pieces that it was found to hold, ascending.
    /// @return  corrupted if some were found damaged since.
    [[nodiscard]] Result<void> record_signature(
        std::uint64_t expiry_unix_seconds, std::span<const std::uint64_t> required);

    [[nodiscard]] Result<std::optional<Bytes>> certificate() const;
    [[nodiscard]] Result<void> put_certificate(ByteView certificate);

    /// Moves the folder to `grave` and forgets the object. Later calls answer not_found.
    [[nodiscard]] Result<void> drop(const std::filesystem::path& grave);

private:
    StoredObject(Place place, StoreIndex& index, ObjectHeader header, ObjectRecord record);

    [[nodiscard]] Result<void> recover_segments() ASHLAR_REQUIRES(write_mutex_);

    /// Takes up whole slots behind those that have rows. Own segments are cut off after them.
    /// @param ends  First offset of each own segment that no row covers.
    [[nodiscard]] Result<void> recover_tails(const std::map<std::uint32_t, std::uint64_t>& ends,
        std::map<std::uint64_t, PieceLocation>& held) ASHLAR_REQUIRES(write_mutex_);
    [[nodiscard]] Result<void> recover_ledger();

    /// Rows of the pieces, where `origin` has them whole and this object has none.
    [[nodiscard]] Result<std::vector<IndexedPiece>> whole_rows(
        const StoredObject& origin, std::span<const std::uint64_t> pieces) const;
    [[nodiscard]] Result<void> inherit_batch(const StoredObject& origin,
        std::span<const std::uint64_t> pieces) ASHLAR_REQUIRES(write_mutex_);

    /// Counts pieces that came or went; compares with the ledger when all that was signed is back.
    [[nodiscard]] Result<void> note_added(std::span<const IndexedPiece> rows);
    [[nodiscard]] Result<void> save(const ObjectRecord& record);
    [[nodiscard]] Result<void> check_present() const ASHLAR_REQUIRES(write_mutex_);
    [[nodiscard]] Result<void> compare_with_ledger();
    void forget_piece(const IndexedPiece& row);

    const Place place_;
    StoreIndex& index_;
    const ObjectHeader header_;
    ObjectSegments segments_;
    StoredFold fold_;

    /// Held over whole writes, fsync included; always taken before mutex_.
    mutable Mutex write_mutex_;
    bool dropped_ ASHLAR_GUARDED_BY(write_mutex_) = false;

    /// Held for moments.
    mutable Mutex mutex_;
    ObjectRecord record_ ASHLAR_GUARDED_BY(mutex_);
    std::map<Bytes32, StoredAmount> amounts_ ASHLAR_GUARDED_BY(mutex_);
    std::optional<SignedLedger> ledger_ ASHLAR_GUARDED_BY(mutex_);
    bool holds_all_signed_ ASHLAR_GUARDED_BY(mutex_) = false;
};

}  // namespace ashlar
