#include "tests/bench/clinicbench/grpc_driver.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <sys/prctl.h>

#include <fstream>
#include <optional>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/bench/clinicbench/rpc.h"

namespace clinicd::bench {
namespace {

constexpr absl::Duration kConnectPatience = absl::Seconds(10);

struct Flight {
  std::size_t slot = 0;
  Operation operation;
  // A context serves one call.
  std::optional<grpc::ClientContext> context;
  grpc::ByteBuffer response;
  grpc::Status status;
  std::unique_ptr<grpc::ClientAsyncResponseReader<grpc::ByteBuffer>> reader;
};

std::shared_ptr<grpc::ChannelCredentials> Credentials(const std::string& authority) {
  if (authority.empty()) return grpc::InsecureChannelCredentials();
  std::ostringstream pem;
  pem << std::ifstream(authority).rdbuf();
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = pem.str();
  return grpc::SslCredentials(tls);
}

// The bytes of `buffer`: in place where they are in one piece, else copied into `copy`.
std::string_view BytesOf(const grpc::ByteBuffer& buffer, grpc::Slice& slice) {
  if (!buffer.TrySingleSlice(&slice).ok() && !buffer.DumpToSingleSlice(&slice).ok()) return {};
  return {reinterpret_cast<const char*>(slice.begin()), slice.size()};
}

class GrpcDriver final : public Driver {
 public:
  GrpcDriver(const GrpcOptions& options, const Dataset& dataset)
      : options_(options), dataset_(dataset), flights_(static_cast<std::size_t>(options.slots)) {
    for (std::size_t i = 0; i < flights_.size(); ++i) {
      flights_[i] = std::make_unique<Flight>();
      flights_[i]->slot = i;
    }
    for (const std::string& token : options.tokens) bearers_.push_back("Bearer " + token);
  }

  ~GrpcDriver() override {
    queue_.Shutdown();
    if (taker_.joinable()) taker_.join();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) {
    }
  }
  GrpcDriver(const GrpcDriver&) = delete;
  GrpcDriver& operator=(const GrpcDriver&) = delete;
  GrpcDriver(GrpcDriver&&) = delete;
  GrpcDriver& operator=(GrpcDriver&&) = delete;

  absl::Status Connect() {
    for (int i = 0; i < options_.channels; ++i) {
      grpc::ChannelArguments arguments;
      arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
      const auto channel =
          grpc::CreateCustomChannel(options_.target, Credentials(options_.authority), arguments);
      if (!channel->WaitForConnected(absl::ToChronoTime(absl::Now() + kConnectPatience))) {
        return absl::UnavailableError(absl::StrCat("no connection to ", options_.target));
      }
      stubs_.push_back(std::make_unique<grpc::GenericStub>(channel));
    }
    if (options_.threaded) {
      // Sleeps end within a microsecond of their time, not fifty.
      prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
      taker_ = std::thread([this] { TakeAll(); });
    }
    return absl::OkStatus();
  }

  absl::Status Start(std::size_t slot, const Operation& operation) override {
    Flight& flight = *flights_[slot];
    flight.operation = operation;
    const RpcRequest request = Encode(operation, dataset_);
    flight.context.emplace();
    flight.context->AddMetadata("authorization",
                                bearers_[static_cast<std::size_t>(operation.clinic)]);
    flight.context->set_deadline(absl::ToChronoTime(absl::Now() + options_.deadline));
    const grpc::Slice slice(request.message);
    const grpc::ByteBuffer body(&slice, 1);
    flight.response.Clear();
    flight.reader = stubs_[slot % stubs_.size()]->PrepareUnaryCall(&*flight.context, request.path,
                                                                   body, &queue_);
    flight.reader->StartCall();
    flight.reader->Finish(&flight.response, &flight.status, &flight);
    return absl::OkStatus();
  }

  absl::Status Wait(absl::Time until, std::vector<Completion>& done) override {
    if (options_.threaded) {
      absl::SleepFor(until - absl::Now());
      const absl::MutexLock lock(&mutex_);
      std::move(taken_.begin(), taken_.end(), std::back_inserter(done));
      taken_.clear();
      return absl::OkStatus();
    }
    void* tag = nullptr;
    bool ok = false;
    const auto next = queue_.AsyncNext(&tag, &ok, absl::ToChronoTime(until));
    if (next == grpc::CompletionQueue::GOT_EVENT) done.push_back(Take(tag));
    return absl::OkStatus();
  }

 private:
  static Completion Take(void* tag) {
    Flight& flight = *static_cast<Flight*>(tag);
    const absl::Time now = absl::Now();
    grpc::Slice slice;
    const std::string details = flight.status.error_details();
    Judgement judgement =
        Judge(flight.operation,
              {.code = flight.status.error_code(),
               .message = flight.status.ok() ? BytesOf(flight.response, slice) : std::string_view(),
               .details = details});
    return {flight.slot, judgement.verdict, now, std::move(judgement.note)};
  }

  void TakeAll() {
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) {
      Completion completion = Take(tag);
      const absl::MutexLock lock(&mutex_);
      taken_.push_back(std::move(completion));
    }
  }

  const GrpcOptions options_;
  const Dataset dataset_;
  std::vector<std::string> bearers_;
  std::vector<std::unique_ptr<Flight>> flights_;
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
  grpc::CompletionQueue queue_;
  std::thread taker_;
  absl::Mutex mutex_;
  std::vector<Completion> taken_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::StatusOr<std::unique_ptr<Driver>> ConnectGrpc(const GrpcOptions& options,
                                                    const Dataset& dataset) {
  auto driver = std::make_unique<GrpcDriver>(options, dataset);
  const absl::Status connected = driver->Connect();
  if (!connected.ok()) return connected;
  return std::unique_ptr<Driver>(std::move(driver));
}

}  // namespace clinicd::bench
