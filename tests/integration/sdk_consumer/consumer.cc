// Signs in, counts the clinic's patients and signs out:
//   consumer URL CA CLINIC EMAIL PASSWORD
#include <clinicd/patients/v1/patient_service.grpc.pb.h>
#include <clinicd/sdk/channel.h>
#include <clinicd/sdk/pages.h>
#include <clinicd/sdk/session.h>
#include <clinicd/sdk/watch.h>

#include <iostream>

using namespace clinicd;  // NOLINT(google-build-using-namespace): a program of one function.
using patients::v1::ListPatientsResponse;
using patients::v1::PatientService;

int main(int argc, char** argv) {
  if (argc != 6) return 2;
  const auto channel = sdk::OpenChannel({.target = argv[1], .ca_file = argv[2]});
  if (!channel.ok()) return 3;
  const auto session = sdk::Session::SignIn(
      *channel, {.clinic_slug = argv[3], .email = argv[4], .password = argv[5]});
  if (!session.ok()) {
    std::cerr << session.status() << "\n";
    return 4;
  }
  int count = 0;
  const auto stub = PatientService::NewStub(*channel);
  patients::v1::ListPatientsRequest request;
  request.set_page_size(10);
  const absl::Status status = sdk::ForEachRow(
      **session, *stub, &PatientService::Stub::ListPatients, request,
      &ListPatientsResponse::patients, [&](const patients::v1::Patient&) { return ++count > 0; });
  std::cout << "patients: " << count << "\n";
  return status.ok() && (*session)->SignOut().ok() ? 0 : 5;
}
