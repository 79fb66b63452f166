// Mistakes that a migration could make, one for each thing that the catalog lint must notice.
#pragma once

#include <string>
#include <vector>

namespace clinicd {

struct PlantedMistake {
  std::string rule;    // The rule that must report it,
  std::string object;  // about this object.
  std::string sql;     // Run as superuser in a migrated database, in a transaction.
};

std::vector<PlantedMistake> PlantedMistakes();

}  // namespace clinicd
