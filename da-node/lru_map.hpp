#pragma once

/// A map of bounded size that forgets what was used longest ago. Not thread-safe.

#include <list>
#include <map>

#include "base/error.hpp"

namespace ashlar
{

template <typename Key, typename Value>
class LruMap
{
public:
    /// @pre size_max > 0
    explicit LruMap(std::size_t size_max) : size_max_{size_max} { ASHLAR_ASSERT(size_max > 0); }

    /// The value, which becomes the most recently used; null if there is none. Valid until the
    /// next insertion.
    [[nodiscard]] Value* find(const Key& key)
    {
        const auto found = places_.find(key);
        if (found == places_.end())
            return nullptr;
        entries_.splice(entries_.begin(), entries_, found->second);
        return &entries_.front().second;
    }

    /// As find(), with a new value if there is none.
    [[nodiscard]] Value& find_or_insert(const Key& key)
    {
        if (auto* value = find(key))
            return *value;
        if (entries_.size() == size_max_)
        {
            places_.erase(entries_.back().first);
            entries_.pop_back();
        }
        entries_.emplace_front(key, Value{});
        places_.emplace(key, entries_.begin());
        return entries_.front().second;
    }

    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

private:
    std::size_t size_max_;
    std::list<std::pair<Key, Value>> entries_;
    std::map<Key, typename std::list<std::pair<Key, Value>>::iterator> places_;
};

}  // namespace ashlar
