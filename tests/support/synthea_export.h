// Files in Synthea's layout.
#pragma once

#include <string>

#include "tests/support/temporary_directory.h"

namespace clinicd::testing {

// A small export: one organization, two providers, two patients, three encounters, the third of
// which overlaps the first.
class SyntheaExport final {
 public:
  SyntheaExport() {
    directory_.Write("organizations.csv", "Id,NAME\no1,One\n");
    directory_.Write("providers.csv",
                     "Id,ORGANIZATION,NAME,SPECIALITY\n"
                     "d1,o1,Víctor493 Noriega353,GENERAL PRACTICE\n"
                     "d2,o1,Ludivina884 Steuber698,DENTISTRY\n");
    directory_.Write("patients.csv",
                     "Id,BIRTHDATE,FIRST,LAST,GENDER\n"
                     "p1,2014-10-06,Maynard46,Mosciski958,M\n"
                     "p2,1968-01-21,Noemí3,Olivo261,F\n");
    directory_.Write("encounters.csv",
                     "Id,START,STOP,PATIENT,PROVIDER,DESCRIPTION\n"
                     "e1,2023-01-27T16:17:47Z,2023-01-27T16:32:47Z,p1,d1,Check-up\n"
                     "e2,2023-01-27T16:17:47Z,2023-01-27T16:32:47Z,p2,d2,Check-up\n"
                     "e3,2023-01-27T16:20:00Z,2023-01-27T16:30:00Z,p2,d1,Check-up\n");
  }

  std::string path() const { return directory_.path(); }

 private:
  TemporaryDirectory directory_;
};

}  // namespace clinicd::testing
