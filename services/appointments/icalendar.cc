#include "services/appointments/icalendar.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "common/base/text.h"

namespace clinicd::appointments {
namespace {

constexpr std::size_t kLineBytesMax = 75;

bool IsContinuation(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

// How many bytes of `text`, `max` at most, a line may hold without cutting a character.
std::size_t WholeCharacters(std::string_view text, std::size_t max) {
  if (text.size() <= max) return text.size();
  std::size_t length = max;
  while (length > 0 && IsContinuation(text[length])) --length;
  // What is no UTF-8 is cut anywhere.
  return length > 0 ? length : max;
}

std::string_view StatusName(FeedStatus status) {
  switch (status) {
    case FeedStatus::kTentative:
      return "TENTATIVE";
    case FeedStatus::kConfirmed:
      return "CONFIRMED";
    case FeedStatus::kCancelled:
      return "CANCELLED";
  }
  return "CONFIRMED";
}

std::string UtcText(absl::Time time) {
  return absl::FormatTime("%E4Y%m%dT%H%M%SZ", time, absl::UTCTimeZone());
}

std::string LocalText(absl::CivilSecond local) {
  return absl::StrFormat("%04d%02d%02dT%02d%02d%02d", local.year(), local.month(), local.day(),
                         local.hour(), local.minute(), local.second());
}

// "+0530"; with seconds where there are some.
std::string OffsetText(int seconds) {
  const int size = std::abs(seconds);
  const std::string minutes =
      absl::StrFormat("%c%02d%02d", seconds < 0 ? '-' : '+', size / 3600, size / 60 % 60);
  return size % 60 == 0 ? minutes : absl::StrFormat("%s%02d", minutes, size % 60);
}

// Whether VTIMEZONE can have the name of `zone`, and readers know it.
bool HasPlainName(absl::TimeZone zone) {
  const std::string name = zone.name();
  return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '/' || c == '_' || c == '-' || c == '+';
  });
}

// Writes lines of content.
class FeedWriter final {
 public:
  explicit FeedWriter(const Feed& feed) : feed_(feed) {}

  std::string Write() {
    Line("BEGIN", "VCALENDAR");
    Line("VERSION", "2.0");
    Line("PRODID", "-//clinicd//clinicd//EN");
    Line("CALSCALE", "GREGORIAN");
    const std::string name = EscapeText(feed_.practitioner_name);
    Line("NAME", name);
    Line("X-WR-CALNAME", name);
    if (HasPlainName(feed_.zone)) Line("X-WR-TIMEZONE", feed_.zone.name());
    const std::string refresh = absl::StrCat("PT", absl::ToInt64Minutes(feed_.refresh), "M");
    Line("REFRESH-INTERVAL;VALUE=DURATION", refresh);
    Line("X-PUBLISHED-TTL", refresh);
    WriteZones();
    for (const FeedEntry& entry : feed_.entries) WriteEntry(entry);
    Line("END", "VCALENDAR");
    return std::move(text_);
  }

 private:
  void Line(std::string_view name, std::string_view value) {
    text_ += FoldLine(absl::StrCat(ToAbsl(name), ":", ToAbsl(value)));
  }

  // Every zone once, by name.
  void WriteZones() {
    std::map<std::string, absl::TimeZone> zones = {{feed_.zone.name(), feed_.zone}};
    absl::Time begin = feed_.begin;
    absl::Time end = feed_.end;
    for (const FeedEntry& entry : feed_.entries) {
      zones.emplace(entry.zone.name(), entry.zone);
      begin = std::min(begin, entry.starts_at);
      end = std::max(end, entry.ends_at);
    }
    for (const auto& [name, zone] : zones) {
      if (HasPlainName(zone)) WriteZone(zone, begin, end);
    }
  }

  void WriteZone(absl::TimeZone zone, absl::Time begin, absl::Time end) {
    Line("BEGIN", "VTIMEZONE");
    Line("TZID", zone.name());
    // What holds until the first change: a zone needs an offset at any time that there is.
    const absl::CivilSecond first(absl::ToCivilYear(begin, zone) - 1);
    absl::Time at = absl::FromCivil(first, zone);
    WriteObservance(first, zone.At(at).offset, zone.At(at));
    absl::TimeZone::CivilTransition change;
    while (zone.NextTransition(at, &change)) {
      const absl::Time changes_at = zone.At(change.to).trans;
      // A change that is later than the end is the last one, as readers may look a bit further.
      WriteObservance(change.from, zone.At(changes_at - absl::Seconds(1)).offset,
                      zone.At(changes_at));
      if (changes_at > end || changes_at <= at) break;
      at = changes_at;
    }
    Line("END", "VTIMEZONE");
  }

  // What clocks show from `local` on, which is by the clock before the change.
  void WriteObservance(absl::CivilSecond local, int offset_before,
                       const absl::TimeZone::CivilInfo& after) {
    const std::string_view kind = after.is_dst ? "DAYLIGHT" : "STANDARD";
    Line("BEGIN", kind);
    Line("DTSTART", LocalText(local));
    Line("TZOFFSETFROM", OffsetText(offset_before));
    Line("TZOFFSETTO", OffsetText(after.offset));
    Line("TZNAME", EscapeText(after.zone_abbr));
    Line("END", kind);
  }

  void WriteEntry(const FeedEntry& entry) {
    Line("BEGIN", "VEVENT");
    Line("UID", EscapeText(entry.uid));
    Line("DTSTAMP", UtcText(entry.stamped_at));
    Line("LAST-MODIFIED", UtcText(entry.modified_at));
    Line("SEQUENCE", absl::StrCat(entry.sequence));
    WriteTime("DTSTART", entry.starts_at, entry.zone);
    WriteTime("DTEND", entry.ends_at, entry.zone);
    Line("SUMMARY", EscapeText(entry.summary));
    Line("STATUS", StatusName(entry.status));
    Line("CLASS", "PRIVATE");
    Line("END", "VEVENT");
  }

  void WriteTime(std::string_view name, absl::Time time, absl::TimeZone zone) {
    const absl::CivilSecond local = absl::ToCivilSecond(time, zone);
    const bool is_once = zone.At(local).kind == absl::TimeZone::TimeInfo::UNIQUE;
    if (!is_once || zone == absl::UTCTimeZone() || !HasPlainName(zone)) {
      Line(name, UtcText(time));
    } else {
      Line(absl::StrCat(ToAbsl(name), ";TZID=", zone.name()), LocalText(local));
    }
  }

  const Feed& feed_;
  std::string text_ = {};
};

}  // namespace

std::string FormatFeed(const Feed& feed) { return FeedWriter(feed).Write(); }

std::string EscapeText(std::string_view text) {
  std::string escaped;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool is_line_end = c == '\n' || c == '\r';
    if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
    if (is_line_end) {
      escaped += "\\n";
    } else if (c == '\\' || c == ';' || c == ',') {
      escaped += '\\';
      escaped += c;
    } else {
      escaped += absl::ascii_iscntrl(static_cast<unsigned char>(c)) ? ' ' : c;
    }
  }
  return escaped;
}

std::string FoldLine(std::string_view line) {
  std::string folded;
  std::size_t room = kLineBytesMax;
  while (true) {
    const std::size_t length = WholeCharacters(line, room);
    folded += line.substr(0, length);
    folded += "\r\n";
    line.remove_prefix(length);
    if (line.empty()) return folded;
    folded += ' ';
    room = kLineBytesMax - 1;
  }
}

}  // namespace clinicd::appointments
