// Handles all kinds of updates but one. Compiles with the opt-out only; see CMakeLists.txt.
#include "update_union_gets_handler_and_sender/chat.federation.h"

namespace {

#ifdef OPT_OUT
using Base = golden::chat::DefaultChatUpdateHandler;
#else
using Base = golden::chat::ChatUpdateHandler;
#endif

class Handler : public Base {
 public:
  federation::Outcome OnReaction(const golden::chat::Reaction&, const federation::UpdateContext&) override {
    return federation::Outcome::Done();
  }
  federation::Outcome OnMessage(const federation::v1::Message&, const federation::UpdateContext&) override {
    return federation::Outcome::Done();
  }
  federation::Outcome OnContext(const golden::chat::Reaction&, const federation::UpdateContext&) override {
    return federation::Outcome::Done();
  }
};

[[maybe_unused]] Handler handler;

}  // namespace
