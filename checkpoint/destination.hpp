#pragma once

/// Writing a fetched checkpoint: files appear under their names whole and verified, or not at all,
/// and nothing outside the destination folder ever changes.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/file.hpp"

namespace ashlar
{

struct DestinationOptions
{
    bool overwrite = false;  ///< Replace files that exist.

    /// Names the work, so that a later run with the same name goes on where this one ended, however
    /// it ended. Empty: unfinished files go away with the Destination.
    std::string resume_as{};
};

class PartialFile;

/// A folder that is being filled. Movable; must outlive its PartialFiles. Thread-safe.
///
/// Unfinished files lie in `.ashlar-partial/` inside it, which one Destination at a time may own
/// and which goes away with it, or with the last resumable work in it. Every path is walked by
/// openat2(2) with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS, so a link planted in the folder, before
/// or meanwhile, is an error.
class Destination
{
public:
    /// Makes the folder, and its parents, if it does not exist. The way to the folder itself may
    /// hold symlinks: the user chose it.
    ///
    /// @return  invalid_input if it is not a folder or another process is filling it; unavailable
    ///          if the kernel lacks openat2 (Linux before 5.6, or a sandbox that hides it).
    [[nodiscard]] static Result<Destination> open(
        const std::filesystem::path& folder, DestinationOptions options = {});

    Destination(Destination&&) noexcept;
    Destination& operator=(Destination&&) noexcept;
    ~Destination();

    /// What begin() would refuse, without changing anything: check all paths before fetching any.
    ///
    /// @return  invalid_input if check_path() refuses the path, a folder on the way is a link or a
    ///          file, or something exists there: a file without `overwrite`, anything else always.
    [[nodiscard]] Result<void> check(std::string_view path) const;

    /// The file of that name, for reading; nothing if there is none.
    /// @return  invalid_input as check(), but that a file may exist.
    [[nodiscard]] Result<std::optional<File>> find(std::string_view path) const;

    /// Makes the folders on the way and a temporary file of `size_bytes` zeros, or gives back the
    /// one that an earlier run of resumable work left.
    /// @return  as check().
    [[nodiscard]] Result<PartialFile> begin(std::string_view path, std::uint64_t size_bytes);

    /// Where resumable work notes what it has done: `size_bytes` long, zeros at first.
    /// @pre the work is resumable
    [[nodiscard]] Result<File> open_notes(std::uint64_t size_bytes);

    /// Resumable work is over, or not worth resuming: what is unfinished goes away.
    [[nodiscard]] Result<void> forget();

private:
    friend class PartialFile;
    struct State;

    explicit Destination(std::unique_ptr<State> state);

    std::unique_ptr<State> state_;
};

/// A file without its final name. On destruction it is abandoned, unless it was committed or is
/// part of resumable work.
class PartialFile
{
public:
    PartialFile(PartialFile&&) noexcept;
    PartialFile& operator=(PartialFile&&) noexcept;
    ~PartialFile();

    /// Thread-safe.
    /// @return  invalid_input if the bytes would lie beyond the file's size.
    [[nodiscard]] Result<void> write_at(std::uint64_t offset, ByteView bytes) const;

    /// Reads back what was written, for hashing before commit(). Thread-safe.
    [[nodiscard]] Result<void> read_at(std::uint64_t offset, std::span<std::byte> out) const;

    /// Lets the disk begin with bytes that were written, so that commit() has less to wait for.
    void start_write_back(std::uint64_t offset, std::uint64_t size) const noexcept;

    /// For what fstat(2) says of it.
    [[nodiscard]] const File& file() const noexcept { return file_; }

    /// Syncs the file, gives it its name and syncs the folder. On failure the final name is as it
    /// was, and the temporary file is gone.
    ///
    /// @return  invalid_input if something appeared under the name since begin().
    [[nodiscard]] Result<void> commit();

    /// Removes the temporary file. Nothing happens if it was committed or abandoned before.
    void abandon() noexcept;

private:
    friend class Destination;
    PartialFile(const Destination::State& state, File file, std::string temporary_name,
        std::string path, std::uint64_t size_bytes);

    /// What destruction does: see above.
    void drop() noexcept;

    const Destination::State* state_;
    File file_;
    std::string temporary_name_;  ///< In the partial folder; empty once it is gone.
    std::string path_;
    std::uint64_t size_bytes_;
};

}  // namespace ashlar
