// What is in the copies that are made of a database: nothing that can be read without its keys.
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "db/vault/key_admin.h"
#include "tests/integration/db/vault_scene.h"
#include "tests/support/run_program.h"

namespace clinicd::testing {
namespace {

namespace fs = std::filesystem;

void Run(const std::vector<std::string>& arguments) {
  const ProgramResult result = RunProgram(arguments);
  INFO(result.output);
  REQUIRE(result.exit_code == 0);
}

// Files are read in pieces that overlap by the longest word sought.
bool FileContains(const fs::path& path, const std::string& word) {
  constexpr std::size_t kPiece = std::size_t{1} << 20;
  std::ifstream file(path, std::ios::binary);
  std::string piece;
  while (file) {
    const std::size_t kept = std::min(piece.size(), word.size());
    piece = piece.substr(piece.size() - kept);
    const std::size_t start = piece.size();
    piece.resize(start + kPiece);
    file.read(piece.data() + start, kPiece);
    piece.resize(start + static_cast<std::size_t>(file.gcount()));
    if (piece.find(word) != std::string::npos) return true;
  }
  return false;
}

bool AnyFileContains(const fs::path& directory, const std::string& word) {
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(directory, error)) {
    if (entry.is_regular_file(error) && FileContains(entry.path(), word)) return true;
  }
  return false;
}

void Dump(const TestDatabase& database, const std::string& file) {
  Run({"pg_dump", "--dbname=" + database.superuser(), "--file=" + file});
}

// Where the test keeps sealed values, beside a word that is not sealed.
void Store(const TestDatabase& database, const SealedValue& value, const std::string& clear) {
  auto connection = database.Connect();
  REQUIRE(connection
              .Execute(
                  "CREATE TABLE IF NOT EXISTS public.notes (row_id uuid, sealed bytea, clear text)")
              .ok());
  REQUIRE(connection
              .Query("INSERT INTO public.notes VALUES ($1, decode($2, 'hex'), $3)",
                     {value.row.ToString(), absl::BytesToHexString(value.sealed), clear})
              .ok());
}

std::string RandomWord(VaultProcess& process, const std::string& prefix) {
  return prefix + absl::BytesToHexString(process.random().Bytes(16));
}

TEST_CASE("A shredded patient does not read in an older dump that is restored, others do",
          "[vault][integration]") {
  VaultScene scene;
  const auto connection = scene.Connect();
  const auto process = scene.Process();
  const ClinicId clinic = scene.clinics.AddClinic();
  const PatientId shredded = scene.clinics.AddPatient(clinic);
  const PatientId kept = scene.clinics.AddPatient(clinic);
  const ClinicId shredded_clinic = scene.clinics.AddClinic();
  const SealedValue gone = SealValue(*connection, *process, clinic, shredded);
  const SealedValue stays = SealValue(*connection, *process, clinic, kept);
  const SealedValue of_clinic = SealValue(*connection, *process, clinic, std::nullopt);
  const SealedValue gone_too = SealValue(*connection, *process, shredded_clinic, std::nullopt);
  const std::string dump = scene.directory.path("dump.sql");
  Dump(scene.clinics.database(), dump);
  KeyOffice office(scene.clinics.database().app(), *process);
  REQUIRE(office.admin().ShredPatient(clinic, shredded).ok());
  REQUIRE(office.admin().ShredClinic(shredded_clinic).ok());
  REQUIRE(office.admin().RotateClinic(clinic, [](std::int64_t) {}).ok());

  const TestDatabase restored(TestDatabase::Content::kBare);
  Run({"psql", "-X", "--quiet", "--set=ON_ERROR_STOP=1", "--dbname=" + restored.superuser(),
       "--file=" + dump});

  const auto to_restored = VaultScene::Connect(restored);
  REQUIRE(restored.Connect().QueryValue("SELECT count(*) FROM clinicd.data_keys").value() == "4");
  CHECK(IsShredded(OpenValue(*to_restored, *scene.Process(), gone)));
  CHECK(IsShredded(OpenValue(*to_restored, *scene.Process(), gone_too)));
  CHECK(OpenValue(*to_restored, *scene.Process(), stays).value() == kText);
  CHECK(OpenValue(*to_restored, *scene.Process(), of_clinic).value() == kText);
}

// Has the cluster keep all WAL from here on, whatever other tests write meanwhile.
class KeptWal final {
 public:
  explicit KeptWal(const TestDatabase& database, const std::string& name)
      : connection_(database.Connect()), name_(name) {
    REQUIRE(Call("pg_create_physical_replication_slot($1, true)"));
  }
  ~KeptWal() { Call("pg_drop_replication_slot($1)"); }
  KeptWal(const KeptWal&) = delete;
  KeptWal& operator=(const KeptWal&) = delete;
  KeptWal(KeptWal&&) = delete;
  KeptWal& operator=(KeptWal&&) = delete;

 private:
  bool Call(const std::string& function) {
    return connection_.Query("SELECT " + function, {name_}).ok();
  }

  db::AdminConnection connection_;
  const std::string name_;
};

TEST_CASE("A sealed word is in no dump, log, base backup or WAL segment", "[vault][integration]") {
  VaultScene scene;
  const TestDatabase& database = scene.clinics.database();
  const auto connection = scene.Connect();
  const auto process = scene.Process();
  const ClinicId clinic = scene.clinics.AddClinic();
  const PatientId patient = scene.clinics.AddPatient(clinic);
  const std::string word = RandomWord(*process, "sealed-");
  const std::string clear = RandomWord(*process, "clear-");
  const KeptWal kept(database, RandomWord(*process, "vault_"));
  const SealedValue value = SealValue(*connection, *process, clinic, patient, word);
  Store(database, value, clear);
  // An error is logged with what it is about.
  SealedValue moved = value;
  moved.row = process->ids().NewUuid();
  REQUIRE(IsDamaged(OpenValue(*connection, *process, moved)));
  REQUIRE_FALSE(database.Connect().Execute("SELECT '" + clear + "'::integer").ok());

  Dump(database, scene.directory.path("dump.sql"));
  REQUIRE(database.Connect().Execute("CHECKPOINT").ok());
  Run({"pg_basebackup", "--dbname=" + database.superuser(),
       "--pgdata=" + scene.directory.path("base"), "--format=tar", "--checkpoint=fast",
       "--wal-method=fetch", "--no-sync"});

  const fs::path data = scene.Value("SHOW data_directory");
  for (const fs::path& place :
       {fs::path(scene.directory.path("base")), data / "pg_wal",
        data.parent_path() / "postgresql.log", fs::path(scene.directory.path("dump.sql"))}) {
    CAPTURE(place.string());
    const bool file = fs::is_regular_file(place);
    CHECK((file ? FileContains(place, clear) : AnyFileContains(place, clear)));
    CHECK_FALSE((file ? FileContains(place, word) : AnyFileContains(place, word)));
  }
  for (const std::string& line : process->log().lines()) CHECK_FALSE(absl::StrContains(line, word));
  CHECK_FALSE(AnyFileContains(scene.directory.path("keys"), word));
}

TEST_CASE("Without the directory of keys nothing opens", "[vault][integration]") {
  VaultScene scene;
  const auto connection = scene.Connect();
  const ClinicId clinic = scene.clinics.AddClinic();
  const SealedValue value = SealValue(*connection, *scene.Process(), clinic, std::nullopt);

  fs::rename(scene.key_directory(), scene.directory.path("elsewhere"));

  CHECK(KeysUnavailable(OpenValue(*connection, *scene.Process(), value).status()));
  fs::remove_all(scene.key_directory());
  fs::rename(scene.directory.path("elsewhere"), scene.key_directory());
  CHECK(OpensAfresh(scene, *connection, value));
}

}  // namespace
}  // namespace clinicd::testing
