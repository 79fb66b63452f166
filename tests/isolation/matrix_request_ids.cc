// Request ids and whole requests of one clinic in the hands of another.
#include "absl/strings/str_cat.h"
#include "tests/isolation/matrix.h"

namespace clinicd::isolation {

namespace pb = google::protobuf;
using Kind = Finding::Kind;

Matrix::Values Matrix::OwnValues(const Method& method, const Caller& caller) {
  Values values;
  BySource by_source;
  for (const BoundField& field : method.request.fields()) {
    values[field.path] = OwnValue(method, caller, field.source, by_source);
  }
  return values;
}

std::unique_ptr<pb::Message> Matrix::Filled(const Method& method, const Values& values) {
  return method.request.Fill([&values](const BoundField& field) { return values.at(field.path); });
}

void Matrix::CallAsOther(const Method& method, const Caller& other, const Values& values) {
  // Not through Call(): what another clinic gets is its own.
  const Answer answer =
      world_.client().Call(*method.descriptor, TokenOf(method, other), *Filled(method, values));
  if (answer.code != method.method_case->own) {
    Note(Kind::kBroken, method, other, absl::StrCat("own: ", answer.Everything()));
  }
}

void Matrix::ReuseRequestId(const Method& method, const Caller& caller, const Caller& other) {
  const Values theirs = OwnValues(method, other);
  CallAsOther(method, other, theirs);
  RememberForeign(caller.clinic);
  const auto before = HashesOfOthers(caller.clinic);

  Values own = OwnValues(method, caller);
  own["request_id"] = theirs.at("request_id");
  const Answer answer = Call(method, caller, *Filled(method, own));

  if (answer.code != method.method_case->own) {
    Note(Kind::kDifference, method, caller,
         absl::StrCat("a request id of another clinic is not free: ", answer.Everything()));
  }
  CompareHashes(method, caller.clinic, before);
}

void Matrix::RepeatRequest(const Method& method, const Caller& caller, const Caller& other) {
  Values theirs = OwnValues(method, other);
  CallAsOther(method, other, theirs);
  RememberForeign(caller.clinic);
  const auto before = HashesOfOthers(caller.clinic);

  Values nobodys = theirs;
  const int number = NumberFor(caller, method.request.fields());
  Sent sent;
  Sent sent_nobodys;
  for (const BoundField& field : method.request.fields()) {
    // The version of the caller's own clinic, or the request would fail for that.
    if (field.source == Source::kClinicEtag) {
      theirs[field.path] = world_.Own(caller, field.source, false);
    } else if (IsVaried(field.source)) {
      nobodys[field.path] = world_.Foreign(caller, kGhost, field.source, number);
      sent.foreign.push_back(theirs[field.path]);
      sent_nobodys.foreign.push_back(nobodys[field.path]);
    }
  }
  const Answer repeated = Call(method, caller, *Filled(method, theirs));
  nobodys["request_id"] = world_.Own(caller, Source::kRequestId, false);
  for (const BoundField& field : method.request.fields()) {
    if (field.source != Source::kClinicEtag) continue;
    nobodys[field.path] = world_.Own(caller, field.source, false);
  }
  const Answer unknown = Call(method, caller, *Filled(method, nobodys));

  const std::string a = Comparable(repeated, *method.descriptor->output_type(), sent);
  const std::string b = Comparable(unknown, *method.descriptor->output_type(), sent_nobodys);
  if (a != b) {
    Note(Kind::kDifference, method, caller,
         absl::StrCat("the request of another clinic:\n", a, "\nwith nobody's ids:\n", b));
  }
  CompareHashes(method, caller.clinic, before);
}

}  // namespace clinicd::isolation
