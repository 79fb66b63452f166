#include "clients/clinicctl/receipt_file.h"

#include <google/protobuf/util/json_util.h>

#include <cerrno>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "common/base/durable_file.h"

namespace clinicd::clinicctl {

using audit::v1::Receipt;

absl::Status AppendReceipt(const std::string& path, const Receipt& receipt) {
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(receipt, &json).ok()) {
    return absl::InternalError("The receipt cannot be written as JSON.");
  }
  return AppendDurably(path, absl::StrCat(json, "\n"));
}

absl::StatusOr<std::vector<Receipt>> ReadReceipts(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat("Cannot read ", path, "."));
  std::vector<Receipt> receipts;
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    Receipt receipt;
    if (!google::protobuf::util::JsonStringToMessage(line, &receipt).ok() ||
        receipt.event_id().empty()) {
      return absl::FailedPreconditionError(
          absl::StrCat("Line ", number, " of ", path, " is no receipt."));
    }
    receipts.push_back(std::move(receipt));
  }
  return receipts;
}

}  // namespace clinicd::clinicctl
