#include "da-node/store/node_store.hpp"

#include <sys/file.h>

#include "base/log.hpp"

namespace ashlar
{
namespace
{

/// The lock dies with the process, however it ends.
Result<File> lock_folder(const std::filesystem::path& folder)
{
    ASHLAR_TRY(auto file, File::open_or_create(folder / "lock"));
    if (::flock(file.descriptor(), LOCK_EX | LOCK_NB) != 0)
        return fail(
            ErrorKind::unavailable, "another process has {} open", printable(folder.native()));
    return file;
}

/// Entries of a folder whose name is an object root.
Result<std::vector<Bytes32>> list_roots(const std::filesystem::path& folder)
{
    std::vector<Bytes32> roots;
    std::error_code error;
    for (std::filesystem::directory_iterator at{folder, error}, end; !error && at != end;
         at.increment(error))
    {
        const auto name = at->path().filename().native();
        const auto root = array_from_hex<sizeof(Bytes32)>(name);
        if (root && to_hex(*root) == name)
            roots.push_back(*root);
    }
    if (error)
        return fail(ErrorKind::unavailable, "cannot list {}: {}", printable(folder.native()),
            error.message());
    return roots;
}

void remove_folder(const std::filesystem::path& folder)
{
    std::error_code error;
    std::filesystem::remove_all(folder, error);
    if (error)
        spdlog::warn("cannot remove {}: {}", printable(folder.native()), error.message());
}

}  // namespace

NodeStore::NodeStore(std::filesystem::path folder, const Options& options, File lock,
    std::unique_ptr<StoreIndex> index)
  : folder_{std::move(folder)}, options_{options}, lock_{std::move(lock)}, index_{std::move(index)}
{}

Result<std::unique_ptr<NodeStore>> NodeStore::open(
    const std::filesystem::path& folder, const Options& options)
{
    ASHLAR_CHECK(make_folders(folder / "objects"));
    ASHLAR_CHECK(make_folders(folder / "dropped"));
    ASHLAR_TRY(auto lock, lock_folder(folder));
    ASHLAR_TRY(auto index, StoreIndex::open(folder / "index"));
    std::unique_ptr<NodeStore> store{
        new NodeStore{folder, options, std::move(lock), std::move(index)}};
    ASHLAR_CHECK(store->finish_drops());
    ASHLAR_CHECK(store->open_objects());
    ASHLAR_CHECK(store->remove_leftovers());
    return store;
}

Result<void> NodeStore::finish_drops()
{
    ASHLAR_TRY(const auto roots, list_roots(folder_ / "dropped"));
    for (const auto& root : roots)
    {
        // If the folder is back, the object came again after the drop.
        if (!std::filesystem::exists(object_folder(root)))
            ASHLAR_CHECK(index_->erase_object(root));
        remove_folder(folder_ / "dropped" / to_hex(root));
    }
    return {};
}

Result<void> NodeStore::open_objects()
{
    ASHLAR_TRY(const auto roots, index_->objects());
    for (const auto& root : roots)
    {
        auto object = open_object(root);
        if (!object)
        {
            spdlog::error("object {} is not claimed: {}", to_hex(root), object.error().message);
            continue;
        }
        const MutexLock lock{mutex_};
        objects_.emplace(root, std::move(*object));
    }
    return {};
}

Result<void> NodeStore::remove_leftovers()
{
    ASHLAR_TRY(const auto roots, list_roots(folder_ / "objects"));
    for (const auto& root : roots)
    {
        const auto record = index_->object(root);
        if (record || record.error().kind != ErrorKind::not_found)
            continue;
        const auto ledger = read_ledger(object_folder(root), root);
        if (ledger && !*ledger)
            remove_folder(object_folder(root));
        else
            spdlog::error(
                "object {} was signed for but the index does not know it; not claimed, "
                "its files are kept",
                to_hex(root));
    }
    return {};
}

std::filesystem::path NodeStore::object_folder(const Bytes32& root) const
{
    return folder_ / "objects" / to_hex(root);
}

Result<std::shared_ptr<StoredObject>> NodeStore::open_object(const Bytes32& root)
{
    const auto folder = object_folder(root);
    ASHLAR_CHECK(make_folders(folder));
    ASHLAR_CHECK(sync_folder(folder.parent_path()));
    return StoredObject::open(
        {.folder = folder, .root = root, .segment_bytes_max = options_.segment_bytes_max}, *index_);
}

std::shared_ptr<StoredObject> NodeStore::find(const Bytes32& root) const
{
    const MutexLock lock{mutex_};
    const auto found = objects_.find(root);
    return found == objects_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<StoredObject>> NodeStore::objects() const
{
    const MutexLock lock{mutex_};
    std::vector<std::shared_ptr<StoredObject>> out;
    for (const auto& [root, object] : objects_)
        out.push_back(object);
    return out;
}

Result<std::shared_ptr<StoredObject>> NodeStore::create(
    const Bytes32& root, const ObjectRecord& record)
{
    const MutexLock change{change_mutex_};
    if (auto object = find(root))
        return object;
    ASHLAR_CHECK(index_->put_object(root, record));
    ASHLAR_TRY(auto object, open_object(root));
    const MutexLock lock{mutex_};
    objects_.emplace(root, object);
    return object;
}

Result<void> NodeStore::drop(const Bytes32& root)
{
    const MutexLock change{change_mutex_};
    const auto object = find(root);
    if (!object)
        return {};
    const auto grave = folder_ / "dropped" / to_hex(root);
    remove_folder(grave);
    auto dropped = object->drop(grave);
    {
        const MutexLock lock{mutex_};
        objects_.erase(root);
    }
    remove_folder(grave);
    return dropped;
}

Result<void> NodeStore::check_room(std::uint64_t bytes) const
{
    std::error_code error;
    const auto space = std::filesystem::space(folder_, error);
    if (error)
        return fail(ErrorKind::unavailable, "cannot ask for free space: {}", error.message());
    if (space.available < options_.free_bytes_min ||
        space.available - options_.free_bytes_min < bytes)
        return fail(ErrorKind::insufficient, "the node's disk is full");
    return {};
}

Result<void> NodeStore::note_write(Result<void> written)
{
    if (written)
        write_failed_ = false;
    else if (written.error().kind == ErrorKind::insufficient ||
             written.error().kind == ErrorKind::unavailable)
    {
        spdlog::error("write failed: {}", written.error().message);
        write_failed_ = true;
    }
    return written;
}

bool NodeStore::degraded() const
{
    return write_failed_ || !check_room(0);
}

std::uint64_t NodeStore::stored_bytes() const
{
    std::uint64_t bytes = 0;
    for (const auto& object : objects())
    {
        for (const auto& [origin, amount] : object->amounts())
        {
            const bool counted_there = origin != object->header().root() && find(origin);
            bytes += counted_there ? 0 : amount.bytes;
        }
    }
    return bytes;
}

}  // namespace ashlar
