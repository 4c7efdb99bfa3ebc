#include "node/inbound_requests.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <fmt/core.h>

#include "log/log.h"
#include "rpc/answer.h"
#include "rpc/request.h"

namespace federation::node {
namespace {

// An origin whose requests take their time leaves a thread to the others.
std::size_t RunningMax(const RpcLimits& limits, int threads) {
  return std::min(limits.running_requests_max, static_cast<std::size_t>(std::max(threads - 1, 1)));
}

}  // namespace

InboundRequests::InboundRequests(std::string domain, const Limits& limits, Methods methods,
                                 WorkerPool& workers)
    : domain_(std::move(domain)),
      limits_(limits.rpc),
      running_max_(RunningMax(limits_, workers.threads())),
      answer_bytes_max_(limits.http.answer_bytes_max),
      methods_(std::move(methods)),
      workers_(workers) {}

void InboundRequests::Serve(Request request, Done done) {
  if (stopping_) return done(Busy());
  Pending pending{std::move(request.body), DeadlineOf(request), std::move(request.caller_gone),
                  std::move(done)};
  {
    const std::lock_guard guard(mutex_);
    const std::size_t bytes = pending.body.size();
    const Place place = PlaceFor(request.origin, bytes);
    if (place != Place::kNone) {
      bytes_ += bytes;
      Origin& origin = origins_[request.origin];
      if (place == Place::kRun) {
        ++origin.running;
        return Run(request.origin, std::move(pending));
      }
      origin.waiting_bytes += bytes;
      origin.waiting.push_back(std::move(pending));
      return;
    }
  }
  ++over_running_;
  pending.done(Busy());
}

InboundRequests::Clock::time_point InboundRequests::DeadlineOf(const Request& request) const {
  return Clock::now() + std::min(request.timeout.value_or(limits_.request_timeout), limits_.timeout_max);
}

InboundRequests::Place InboundRequests::PlaceFor(const std::string& origin, std::size_t bytes) const {
  const auto entry = origins_.find(origin);
  const bool is_first = entry == origins_.end();
  const std::size_t bytes_max =
      is_first ? limits_.queued_bytes_total_max : limits_.queued_bytes_total_max / 2;
  if (bytes_ + bytes > bytes_max) return Place::kNone;
  if (is_first || entry->second.running < running_max_) return Place::kRun;
  const Origin& busy = entry->second;
  const bool has_room = busy.waiting.size() < limits_.queued_requests_max &&
                        busy.waiting_bytes + bytes <= limits_.queued_bytes_max;
  return has_room ? Place::kWait : Place::kNone;
}

void InboundRequests::Run(const std::string& origin, Pending request) {
  workers_.Post([this, origin, request = std::move(request)] { Answer(origin, request); });
}

void InboundRequests::Answer(const std::string& origin, const Pending& request) {
  request.done(stopping_ ? Busy() : ReplyTo(origin, request));
  const std::lock_guard guard(mutex_);
  bytes_ -= request.body.size();
  const auto entry = origins_.find(origin);
  std::deque<Pending>& waiting = entry->second.waiting;
  if (waiting.empty()) {
    if (--entry->second.running == 0) origins_.erase(entry);
    return;
  }
  // Behind the other origins that wait for a thread.
  entry->second.waiting_bytes -= waiting.front().body.size();
  Run(origin, std::move(waiting.front()));
  waiting.pop_front();
}

InboundRequests::Reply InboundRequests::ReplyTo(const std::string& origin, const Pending& request) const {
  Reply reply;
  std::string method;
  reply.malformed = rpc::ParseMethod(request.body, &method);
  if (reply.malformed.has_value()) return reply;
  absl::StatusOr<std::string> answer = Dispatch(method, origin, request);
  reply.answer = answer.ok() ? *std::move(answer) : rpc::FormatFailure(answer.status());
  return reply;
}

absl::StatusOr<std::string> InboundRequests::Dispatch(const std::string& method, const std::string& origin,
                                                      const Pending& request) const {
  const auto found = methods_.find(method);
  if (found == methods_.end()) {
    return absl::UnimplementedError(fmt::format("{} serves no method of this name", domain_));
  }
  const RpcContext context{origin, domain_, request.deadline, request.caller_gone.get()};
  if (context.cancelled()) {
    return absl::DeadlineExceededError("nobody waited any more before the request could be dealt with");
  }
  absl::StatusOr<std::string> answer = Call(*found, request.body, context);
  if (answer.ok() && answer->size() > answer_bytes_max_) {
    return absl::ResourceExhaustedError(
        fmt::format("the answer has {} bytes, want at most {}", answer->size(), answer_bytes_max_));
  }
  return answer;
}

absl::StatusOr<std::string> InboundRequests::Call(const Methods::value_type& method,
                                                  const std::string& request,
                                                  const RpcContext& context) const {
  const auto& [name, target] = method;
  try {
    return target.dispatcher->Serve(target.index, request, context);
  } catch (const std::exception& error) {
    Log().error("the handler of {}, called by {}, threw: {}", name, context.origin, error.what());
  } catch (...) {
    Log().error("the handler of {}, called by {}, threw what is no std::exception", name, context.origin);
  }
  // The log alone is told more: it may be nobody else's business.
  return absl::InternalError("the handler failed");
}

InboundRequests::Reply InboundRequests::Busy() const {
  Reply reply;
  reply.answer = rpc::FormatFailure(Wait(limits_.wait_when_busy));
  return reply;
}

}  // namespace federation::node
