// patients search, patients show.
#include <algorithm>
#include <iostream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/clinicctl/context.h"
#include "clients/clinicctl/find.h"
#include "clients/clinicctl/output.h"
#include "clients/clinicctl/text.h"
#include "clinicd/sdk/pages.h"
#include "common/base/try.h"

namespace clinicd::clinicctl {
namespace {

using patients::v1::Patient;
using patients::v1::PatientService;
using patients::v1::SearchPatientsResponse;

struct SearchOptions {
  std::string query;
  int limit = 20;
};

std::string BirthDate(const Patient& patient) {
  const google::type::Date& date = patient.birth_date();
  return absl::StrFormat("%04d-%02d-%02d", date.year(), date.month(), date.day());
}

absl::Status Search(const SearchOptions& options, Context& context) {
  CLINICD_ASSIGN_OR_RETURN(sdk::Session & session, context.Session());
  const auto stub = PatientService::NewStub(session.channel());
  patients::v1::SearchPatientsRequest request;
  request.set_query(options.query);
  request.set_page_size(std::min(options.limit, 100));
  SearchPatientsResponse found;
  CLINICD_RETURN_IF_ERROR(sdk::ForEachRow(session, *stub, &PatientService::Stub::SearchPatients,
                                          request, &SearchPatientsResponse::patients,
                                          [&](const Patient& patient) {
                                            *found.add_patients() = patient;
                                            return found.patients_size() < options.limit;
                                          }));
  if (context.json()) {
    PrintJson(found);
    return absl::OkStatus();
  }
  std::vector<std::vector<std::string>> rows = {{"NAME", "BORN", "PHONE", "FILE", "ID"}};
  for (const Patient& patient : found.patients()) {
    rows.push_back({Printable(FullName(patient)), BirthDate(patient), Printable(patient.phone()),
                    Printable(patient.file_number()), patient.id()});
  }
  std::cout << (found.patients().empty() ? "No patient found.\n" : Aligned(rows, ""));
  return absl::OkStatus();
}

absl::Status Show(const std::string& wanted, Context& context) {
  CLINICD_ASSIGN_OR_RETURN(sdk::Session & session, context.Session());
  CLINICD_ASSIGN_OR_RETURN(const Patient patient, FindPatient(session, wanted));
  if (context.json()) {
    PrintJson(patient);
    return absl::OkStatus();
  }
  const std::string sex = patients::v1::Sex_Name(patient.sex());
  const std::vector<std::vector<std::string>> rows = {
      {"Name", Printable(FullName(patient))},
      {"Born", BirthDate(patient)},
      {"Sex", Folded(sex.substr(std::string("SEX_").size()))},
      {"Phone", Printable(patient.phone())},
      {"E-mail", Printable(patient.email())},
      {"Address", Printable(patient.address())},
      {"File", Printable(patient.file_number())},
      {"Alert", Printable(patient.alert())},
      {"VIP", patient.vip() ? "yes" : "no"},
      {"Id", patient.id()}};
  std::cout << Aligned(rows, "");
  return absl::OkStatus();
}

}  // namespace

void AddPatientCommands(CLI::App& program, Context& context) {
  CLI::App* const patients = program.add_subcommand("patients", "Finds and shows patients");
  patients->require_subcommand(1);
  CLI::App* const search = patients->add_subcommand(
      "search", "Finds patients by beginnings of names, phone, birth date or file number");
  const auto options = std::make_shared<SearchOptions>();
  search->add_option("query", options->query, "What one would type at the front desk")->required();
  search->add_option("--limit", options->limit, "Most patients to print")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  search->callback(
      [options, &context] { context.Finish("search patients", Search(*options, context)); });
  CLI::App* const show = patients->add_subcommand("show", "Shows one patient");
  const auto wanted = std::make_shared<std::string>();
  show->add_option("patient", *wanted, "Id, or a query that finds exactly one")->required();
  show->callback(
      [wanted, &context] { context.Finish("show the patient", Show(*wanted, context)); });
}

}  // namespace clinicd::clinicctl
