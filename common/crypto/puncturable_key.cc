#include "common/crypto/puncturable_key.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/crypto/digest.h"

namespace clinicd::crypto {
namespace {

using Point = PuncturableKey::Point;

constexpr int kDepthMax = 128;
constexpr std::size_t kPointSize = 16;
constexpr std::size_t kCountSize = 4;
constexpr std::size_t kNodeSize = 1 + kPointSize + PuncturableKey::kSeedSize;

bool BitOf(const Point& point, int position) {
  const auto byte = static_cast<std::size_t>(position) / 8;
  return (point[byte] >> (7 - position % 8) & 1) != 0;
}

void SetBit(Point& point, int position, bool value) {
  const auto byte = static_cast<std::size_t>(position) / 8;
  const int mask = 1 << (7 - position % 8);
  point[byte] = static_cast<std::uint8_t>(value ? point[byte] | mask : point[byte] & ~mask);
}

// `point` with all bits from `depth` on set to `value`.
Point Filled(Point point, int depth, bool value) {
  for (int i = depth; i < kDepthMax; ++i) SetBit(point, i, value);
  return point;
}

// The next point; nullopt after the last.
std::optional<Point> Next(Point point) {
  for (auto byte = point.rbegin(); byte != point.rend(); ++byte) {
    if (++*byte != 0) return point;
  }
  return std::nullopt;
}

SecretBytes Child(const SecretBytes& seed, bool right) {
  Sha256Digest digest = HmacSha256(seed.view(), std::string_view(right ? "\1" : "\0", 1));
  SecretBytes child(AsView(digest));
  OPENSSL_cleanse(digest.data(), digest.size());
  return child;
}

}  // namespace

absl::StatusOr<PuncturableKey> PuncturableKey::FromSeed(SecretBytes seed) {
  if (seed.size() != kSeedSize) return absl::InvalidArgumentError("a seed must be 32 bytes");
  Nodes nodes;
  nodes.push_back({.start = {}, .depth = 0, .seed = std::move(seed)});
  return PuncturableKey(std::move(nodes));
}

PuncturableKey::Nodes::const_iterator PuncturableKey::Find(const Point& point) const {
  const auto after =
      std::upper_bound(nodes_.begin(), nodes_.end(), point,
                       [](const Point& sought, const Node& node) { return sought < node.start; });
  if (after == nodes_.begin()) return nodes_.end();
  const auto node = std::prev(after);
  return Filled(point, node->depth, false) == node->start ? node : nodes_.end();
}

bool PuncturableKey::IsPunctured(const Point& point) const { return Find(point) == nodes_.end(); }

std::optional<SecretBytes> PuncturableKey::Derive(const Point& point) const {
  const auto node = Find(point);
  if (node == nodes_.end()) return std::nullopt;
  SecretBytes seed = node->seed.Clone();
  for (int depth = node->depth; depth < kDepthMax; ++depth) {
    seed = Child(seed, BitOf(point, depth));
  }
  return seed;
}

bool PuncturableKey::Puncture(const Point& point) {
  const auto found = Find(point);
  if (found == nodes_.end()) return false;
  const auto position = nodes_.begin() + std::distance(nodes_.cbegin(), found);
  SecretBytes seed = std::move(position->seed);
  Nodes siblings;
  for (int depth = position->depth; depth < kDepthMax; ++depth) {
    const bool right = BitOf(point, depth);
    Point start = Filled(point, depth, false);
    SetBit(start, depth, !right);
    siblings.push_back({.start = start, .depth = depth + 1, .seed = Child(seed, !right)});
    seed = Child(seed, right);
  }
  std::sort(siblings.begin(), siblings.end(),
            [](const Node& a, const Node& b) { return a.start < b.start; });
  const auto place = nodes_.erase(position);
  nodes_.insert(place, std::make_move_iterator(siblings.begin()),
                std::make_move_iterator(siblings.end()));
  return true;
}

std::vector<Point> PuncturableKey::PuncturedPoints() const {
  std::vector<Point> points;
  std::optional<Point> expected = Point{};
  for (const Node& node : nodes_) {
    for (; expected && *expected < node.start; expected = Next(*expected)) {
      points.push_back(*expected);
    }
    expected = Next(Filled(node.start, node.depth, true));
  }
  for (; expected; expected = Next(*expected)) points.push_back(*expected);
  return points;
}

// Number of nodes (4 bytes, big-endian), then for each: depth (1), start (16), seed (32).
SecretBytes PuncturableKey::Serialize() const {
  SecretBytes bytes(kCountSize + nodes_.size() * kNodeSize);
  auto out = bytes.mutable_span().begin();
  for (int shift = 24; shift >= 0; shift -= 8) {
    *out++ = static_cast<std::uint8_t>(nodes_.size() >> shift);
  }
  for (const Node& node : nodes_) {
    *out++ = static_cast<std::uint8_t>(node.depth);
    out = std::copy(node.start.begin(), node.start.end(), out);
    out = std::copy_n(node.seed.data(), node.seed.size(), out);
  }
  return bytes;
}

absl::StatusOr<PuncturableKey> PuncturableKey::Parse(std::string_view bytes) {
  const absl::Status damaged = absl::DataLossError("this is no puncturable key");
  if (bytes.size() < kCountSize) return damaged;
  std::size_t count = 0;
  for (const char c : bytes.substr(0, kCountSize)) {
    count = count << 8 | static_cast<std::uint8_t>(c);
  }
  bytes.remove_prefix(kCountSize);
  if (count == 0 || bytes.size() % kNodeSize != 0 || bytes.size() / kNodeSize != count) {
    return damaged;
  }
  Nodes nodes;
  nodes.reserve(count);
  std::optional<Point> free_from = Point{};
  for (; !bytes.empty(); bytes.remove_prefix(kNodeSize)) {
    Node node{.start = {}, .depth = static_cast<std::uint8_t>(bytes[0]), .seed = {}};
    std::copy_n(bytes.begin() + 1, kPointSize, node.start.begin());
    node.seed = SecretBytes(bytes.substr(1 + kPointSize, kSeedSize));
    if (node.depth > kDepthMax || Filled(node.start, node.depth, false) != node.start ||
        !free_from || node.start < *free_from) {
      return damaged;
    }
    free_from = Next(Filled(node.start, node.depth, true));
    nodes.push_back(std::move(node));
  }
  return PuncturableKey(std::move(nodes));
}

}  // namespace clinicd::crypto
