#include "common/merkle/frontier.h"

#include <bit>
#include <optional>
#include <utility>

#include "common/base/try.h"

namespace clinicd::merkle {
namespace {

constexpr std::size_t kSizeBytes = 8;

}  // namespace

absl::StatusOr<Frontier> Frontier::FromPeaks(std::uint64_t size, std::vector<Hash> peaks) {
  if (size > kTreeSizeMax) return absl::InvalidArgumentError("a tree cannot be that large");
  if (peaks.size() != static_cast<std::size_t>(std::popcount(size))) {
    return absl::InvalidArgumentError("a frontier has one hash for each bit of its size");
  }
  Frontier frontier;
  frontier.size_ = size;
  frontier.peaks_ = std::move(peaks);
  return frontier;
}

absl::StatusOr<Frontier> Frontier::Parse(std::string_view bytes) {
  if (bytes.size() < kSizeBytes || (bytes.size() - kSizeBytes) % kHashSize != 0) {
    return absl::InvalidArgumentError("a frontier is a size and whole hashes");
  }
  std::uint64_t size = 0;
  for (std::size_t i = 0; i < kSizeBytes; ++i) {
    size = (size << 8) | static_cast<std::uint8_t>(bytes[i]);
  }
  std::vector<Hash> peaks;
  for (std::size_t at = kSizeBytes; at < bytes.size(); at += kHashSize) {
    peaks.push_back(*ToHash(bytes.substr(at, kHashSize)));
  }
  return FromPeaks(size, std::move(peaks));
}

std::string Frontier::Serialize() const {
  std::string bytes;
  bytes.reserve(kSizeBytes + peaks_.size() * kHashSize);
  for (int shift = 56; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>((size_ >> shift) & 0xff));
  }
  for (const Hash& peak : peaks_) bytes.append(AsView(peak));
  return bytes;
}

void Frontier::Append(const Hash& leaf) {
  Append(leaf, [](NodeId, const Hash&) {});
}

void Frontier::Append(const Hash& leaf, absl::FunctionRef<void(NodeId, const Hash&)> completed) {
  Hash node = leaf;
  NodeId id{.level = 0, .index = size_};
  completed(id, node);
  // Each bit that carries is a subtree that has found its sibling.
  for (; (id.index & 1) == 1; ++id.level, id.index >>= 1) {
    node = HashNode(peaks_.back(), node);
    peaks_.pop_back();
    completed({.level = id.level + 1, .index = id.index >> 1}, node);
  }
  peaks_.push_back(node);
  ++size_;
}

Hash Frontier::Root() const {
  if (peaks_.empty()) return EmptyRoot();
  Hash root = peaks_.back();
  for (std::size_t i = peaks_.size() - 1; i-- > 0;) root = HashNode(peaks_[i], root);
  return root;
}

}  // namespace clinicd::merkle
