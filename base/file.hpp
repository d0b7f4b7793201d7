#pragma once

/// Files: whole reads with a size limit, durable atomic writes, positioned I/O.

#include <filesystem>
#include <string>

#include "base/bytes.hpp"

namespace ashlar
{

/// An open file descriptor, closed on destruction. Movable; positioned calls are thread-safe.
class File
{
public:
    File() = default;
    File(File&& other) noexcept;
    File& operator=(File&& other) noexcept;
    ~File();

    /// Opens an existing regular file. FIFOs, devices and folders are invalid_input and never
    /// block.
    [[nodiscard]] static Result<File> open_read(const std::filesystem::path& path);

    /// Creates the file, or opens it for reading and writing if it exists.
    [[nodiscard]] static Result<File> open_or_create(const std::filesystem::path& path);

    /// Creates a file that must not exist yet; mode 0600 if `secret`, else 0644.
    [[nodiscard]] static Result<File> create(const std::filesystem::path& path, bool secret);

    /// A nameless file on the folder's file system: its room is free again when it is closed,
    /// however the process ends.
    [[nodiscard]] static Result<File> temporary(const std::filesystem::path& folder);

    /// Takes over an open descriptor.
    [[nodiscard]] static File adopt(int descriptor, std::filesystem::path path);

    [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

    [[nodiscard]] Result<std::uint64_t> size_bytes() const;

    /// Reads exactly out.size() bytes; `corrupted` if the file ends before.
    [[nodiscard]] Result<void> read_at(std::uint64_t offset, std::span<std::byte> out) const;
    [[nodiscard]] Result<void> write_at(std::uint64_t offset, ByteView bytes) const;
    [[nodiscard]] Result<void> truncate(std::uint64_t size_bytes) const;

    /// Makes the file that long, with zeros, and takes all its room on the disk: later writes there
    /// cost less and find the disk no fuller. Where the file system cannot promise room, the file
    /// only gets its length.
    /// @pre it is no longer
    [[nodiscard]] Result<void> reserve(std::uint64_t size_bytes) const;

    /// fsync. A failure must be treated as lost data: it is never retried into success.
    [[nodiscard]] Result<void> sync() const;

private:
    File(int descriptor, std::filesystem::path path);
    void close() noexcept;

    int descriptor_ = -1;
    std::filesystem::path path_;
};

/// @return  invalid_input if the file is larger than `size_max_bytes` or not a regular file.
[[nodiscard]] Result<Bytes> read_file(
    const std::filesystem::path& path, std::uint64_t size_max_bytes);

/// Writes to a temporary name beside `path`, syncs, renames and syncs the folder: after success
/// the new content survives power loss, before it the old one does.
[[nodiscard]] Result<void> write_file_atomically(
    const std::filesystem::path& path, ByteView bytes, bool secret = false);

/// fsync of a folder, so that names created, renamed or removed in it survive power loss.
[[nodiscard]] Result<void> sync_folder(const std::filesystem::path& folder);

/// Makes the folder and its parents. An existing folder is fine.
[[nodiscard]] Result<void> make_folders(const std::filesystem::path& folder);

}  // namespace ashlar
