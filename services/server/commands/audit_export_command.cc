// `clinicd audit export`: takes a clinic's audit log with its proofs out of a running server.
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "clinicd/audit/v1/audit_log_service.grpc.pb.h"
#include "clinicd/audit/v1/audit_service.grpc.pb.h"
#include "common/base/progress.h"
#include "common/base/try.h"
#include "common/merkle/checkpoint.h"
#include "common/merkle/note.h"
#include "common/rpc/civil.h"
#include "services/audit/proof/clinic_checkpoint.h"
#include "services/audit/proof/export_format.h"
#include "services/server/commands/client_login.h"
#include "services/server/commands/command.h"

namespace clinicd::server {
namespace {

using audit::ClinicCheckpoint;
using audit::v1::AuditLogService;
using Stub = AuditLogService::Stub;

constexpr std::int32_t kPage = 2000;

struct Options {
  ClientLogin login;
  // "cborseq": the whole log; otherwise a file of events.
  std::string format = "cborseq";
  std::string patient;
  std::string start;
  std::string end;
  std::string since;
  std::string checkpoint;
  std::string file;
};

absl::Status CannotWrite(const std::string& name) {
  return absl::ErrnoToStatus(errno, absl::StrCat("cannot write ", name));
}

// What the server sent is not what it should be.
absl::Status Nonsense(std::string_view what) {
  return absl::DataLossError(
      absl::StrCat("the server sent ", std::string(what), "; nothing was exported"));
}

absl::StatusOr<std::vector<merkle::Hash>> HashesOf(
    const google::protobuf::RepeatedPtrField<std::string>& proto) {
  const std::vector<std::string> parts(proto.begin(), proto.end());
  std::optional<std::vector<merkle::Hash>> hashes = merkle::ToHashes(parts);
  if (!hashes) return Nonsense("a proof that is none");
  return *std::move(hashes);
}

absl::StatusOr<ClinicCheckpoint> FromProto(const audit::v1::Checkpoint& proto) {
  const std::optional<ClinicId> clinic = ClinicId::Parse(proto.clinic_id());
  const std::optional<merkle::Hash> root = merkle::ToHash(proto.root_hash());
  if (!clinic || !root || proto.tree_size() < 1 || proto.meta_index() < 0) {
    return Nonsense("a checkpoint that is none");
  }
  CLINICD_ASSIGN_OR_RETURN(std::vector<merkle::Hash> meta_proof, HashesOf(proto.meta_proof()));
  return ClinicCheckpoint{.clinic_id = *clinic,
                          .tree_size = static_cast<std::uint64_t>(proto.tree_size()),
                          .root = *root,
                          .meta_index = static_cast<std::uint64_t>(proto.meta_index()),
                          .meta_proof = std::move(meta_proof),
                          .note = proto.note()};
}

// The sizes of a checkpoint that was kept.
absl::StatusOr<audit::v1::GetConsistencyProofRequest> RequestSince(const std::string& name) {
  const std::ifstream file(name);
  std::ostringstream json;
  json << file.rdbuf();
  if (!file) return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", name));
  CLINICD_ASSIGN_OR_RETURN(const ClinicCheckpoint old, audit::ParseClinicCheckpoint(json.str()));
  CLINICD_ASSIGN_OR_RETURN(const merkle::Note note, merkle::ParseNote(old.note));
  CLINICD_ASSIGN_OR_RETURN(const merkle::TreeHead head, merkle::ParseTreeHead(note.text));
  audit::v1::GetConsistencyProofRequest request;
  request.set_tree_size(static_cast<std::int64_t>(old.tree_size));
  request.set_meta_size(static_cast<std::int64_t>(head.size));
  return request;
}

// A log as it is taken out.
class Export final {
 public:
  Export(const SignedInClient& client, Progress& progress)
      : session_(*client.session),
        stub_(AuditLogService::NewStub(client.channel)),
        progress_(progress) {}

  // Asks for the head that the export reaches, and how it goes on from `since`.
  absl::Status FindHead(const std::string& since) {
    if (since.empty()) {
      CLINICD_ASSIGN_OR_RETURN(
          const audit::v1::Checkpoint proto,
          session_.Call(*stub_, &Stub::GetCheckpoint, audit::v1::GetCheckpointRequest()));
      CLINICD_ASSIGN_OR_RETURN(checkpoint_, FromProto(proto));
      return absl::OkStatus();
    }
    CLINICD_ASSIGN_OR_RETURN(const auto request, RequestSince(since));
    CLINICD_ASSIGN_OR_RETURN(const audit::v1::ConsistencyProof proof,
                             session_.Call(*stub_, &Stub::GetConsistencyProof, request));
    CLINICD_ASSIGN_OR_RETURN(checkpoint_, FromProto(proof.checkpoint()));
    CLINICD_ASSIGN_OR_RETURN(meta_consistency_, HashesOf(proof.meta_proof()));
    return absl::OkStatus();
  }

  absl::Status WriteTo(std::ostream& out) {
    const auto total = static_cast<std::int64_t>(checkpoint_.tree_size);
    out << audit::ExportHead(checkpoint_.clinic_id, merkle::Frontier());
    progress_.Start("events", total);
    for (std::int64_t written = 0; written < total;) {
      CLINICD_ASSIGN_OR_RETURN(const std::int64_t count, WritePage(out, written, total));
      if (count == 0) return Nonsense("fewer events than its checkpoint says");
      written += count;
      progress_.Advance(count);
    }
    progress_.Finish();
    out << audit::ExportEnd(checkpoint_, meta_consistency_);
    return absl::OkStatus();
  }

  const ClinicCheckpoint& checkpoint() const { return checkpoint_; }

 private:
  absl::StatusOr<std::int64_t> WritePage(std::ostream& out, std::int64_t start,
                                         std::int64_t total) {
    audit::v1::ListLeavesRequest request;
    request.set_start_index(start);
    request.set_page_size(kPage);
    CLINICD_ASSIGN_OR_RETURN(const audit::v1::ListLeavesResponse page,
                             session_.Call(*stub_, &Stub::ListLeaves, request));
    std::int64_t count = 0;
    for (const auto& leaf : page.leaves()) {
      // Sealed since the checkpoint.
      if (start + count == total) break;
      const std::optional<merkle::Hash> hash = merkle::ToHash(leaf.leaf_hash());
      if (!hash) return Nonsense("a hash that is none");
      out << (leaf.leaf().empty() ? audit::RedactedEvent(*hash) : leaf.leaf());
      ++count;
    }
    return count;
  }

  sdk::Session& session_;
  const std::unique_ptr<Stub> stub_;
  Progress& progress_;
  ClinicCheckpoint checkpoint_;
  std::optional<std::vector<merkle::Hash>> meta_consistency_;
};

// Whole, or not there under its name.
absl::Status WriteFile(const std::string& name,
                       const std::function<absl::Status(std::ostream&)>& write) {
  const std::string part = name + ".part";
  std::ofstream file(part, std::ios::binary | std::ios::trunc);
  if (!file) return CannotWrite(part);
  const absl::Status written = write(file);
  file.close();
  if (!written.ok() || !file) {
    std::remove(part.c_str());
    return written.ok() ? CannotWrite(part) : written;
  }
  return std::rename(part.c_str(), name.c_str()) == 0 ? absl::OkStatus() : CannotWrite(name);
}

absl::Status ReadInstant(const char* option, const std::string& text,
                         google::protobuf::Timestamp& proto) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
    return absl::InvalidArgumentError(absl::StrCat(option, ": ", error));
  }
  proto = rpc::ToTimestamp(time);
  return absl::OkStatus();
}

// What a file of events is asked for by.
absl::StatusOr<audit::v1::ExportEventsRequest> RequestEvents(const Options& options) {
  if (!options.since.empty() || !options.checkpoint.empty()) {
    return absl::InvalidArgumentError("--since and --checkpoint are for --format cborseq");
  }
  audit::v1::ExportEventsRequest request;
  request.set_format(options.format == "csv"    ? audit::v1::EXPORT_FORMAT_CSV
                     : options.format == "fhir" ? audit::v1::EXPORT_FORMAT_FHIR
                                                : audit::v1::EXPORT_FORMAT_JSON_LINES);
  request.set_view(audit::v1::EVENT_VIEW_FULL);
  request.set_patient_id(options.patient);
  if (!options.start.empty()) {
    CLINICD_RETURN_IF_ERROR(ReadInstant("--start", options.start, *request.mutable_start_time()));
  }
  if (!options.end.empty()) {
    CLINICD_RETURN_IF_ERROR(ReadInstant("--end", options.end, *request.mutable_end_time()));
  }
  request.set_page_size(500);
  return request;
}

absl::Status WriteEvents(const SignedInClient& client, audit::v1::ExportEventsRequest request,
                         std::ostream& out) {
  using EventStub = audit::v1::AuditService::Stub;
  const auto stub = audit::v1::AuditService::NewStub(client.channel);
  do {
    CLINICD_ASSIGN_OR_RETURN(const audit::v1::ExportEventsResponse page,
                             client.session->Call(*stub, &EventStub::ExportEvents, request));
    out << page.data();
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty() && out);
  return absl::OkStatus();
}

absl::Status RunEvents(Options& options) {
  CLINICD_ASSIGN_OR_RETURN(const audit::v1::ExportEventsRequest request, RequestEvents(options));
  CLINICD_ASSIGN_OR_RETURN(const SignedInClient client, SignInAs(options.login));
  CLINICD_RETURN_IF_ERROR(WriteFile(
      options.file, [&](std::ostream& out) { return WriteEvents(client, request, out); }));
  std::cout << options.file << ": written\n";
  static_cast<void>(client.session->SignOut());
  return absl::OkStatus();
}

absl::Status RunLog(Options& options, Globals& globals) {
  if (!options.patient.empty() || !options.start.empty() || !options.end.empty()) {
    return absl::InvalidArgumentError(
        "--patient, --start and --end are for --format jsonl, csv and fhir");
  }
  CLINICD_ASSIGN_OR_RETURN(const SignedInClient client, SignInAs(options.login));
  Progress progress(std::cerr, Progress::StyleOf(2), globals.clock());
  Export log(client, progress);
  CLINICD_RETURN_IF_ERROR(log.FindHead(options.since));
  CLINICD_RETURN_IF_ERROR(
      WriteFile(options.file, [&](std::ostream& out) { return log.WriteTo(out); }));
  if (!options.checkpoint.empty()) {
    CLINICD_RETURN_IF_ERROR(WriteFile(options.checkpoint, [&](std::ostream& out) {
      out << audit::FormatClinicCheckpoint(log.checkpoint()) << "\n";
      return absl::OkStatus();
    }));
  }
  std::cout << options.file << ": " << log.checkpoint().tree_size << " events\n";
  // The export is done; a session that cannot be ended ends by itself.
  static_cast<void>(client.session->SignOut());
  return absl::OkStatus();
}

}  // namespace

void AddAuditExportCommand(CLI::App& audit, Globals& globals, int& exit_code) {
  CLI::App* command = audit.add_subcommand(
      "export", "Takes a clinic's audit log with its proofs out of a running server");
  auto options = std::make_shared<Options>();
  AddLoginOptions(*command, options->login);
  command
      ->add_option("--format", options->format,
                   "cborseq: the whole log (default). jsonl: events with proofs. csv: a table. "
                   "fhir: AuditEvent resources")
      ->check(CLI::IsMember({"cborseq", "jsonl", "csv", "fhir"}));
  command->add_option("--patient", options->patient, "Only events about this patient (id)");
  command->add_option("--start", options->start, "Only events from this instant on (RFC 3339)");
  command->add_option("--end", options->end, "Only events before this instant (RFC 3339)");
  command->add_option(
      "--since", options->since,
      "Checkpoint that was kept earlier; the export proves that it goes on from it");
  command->add_option("--checkpoint", options->checkpoint,
                      "Where to keep the checkpoint that the export reaches");
  command->add_option("FILE", options->file, "Where to write the export")->required();
  command->callback([options, &globals, &exit_code] {
    const absl::Status status =
        options->format == "cborseq" ? RunLog(*options, globals) : RunEvents(*options);
    exit_code = status.ok() ? kExitOk : PrintError(status);
  });
}

}  // namespace clinicd::server
