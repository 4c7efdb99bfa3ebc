#include "oracle/codecs.h"

#include "federation/v1/address.federation.h"
#include "federation/v1/peers.federation.h"
#include "federation/v1/push.federation.h"
#include "federation/v1/rpc.federation.h"
#include "federation/v1/updates.federation.h"

#include "oracle/annotated.federation.h"
#include "oracle/every_kind.federation.h"
#include "oracle/every_kind2.federation.h"

namespace oracle {
namespace {

namespace json = federation::json;
namespace v1 = federation::v1;
using google::protobuf::Message;

template <typename M>
Codec CodecOf() {
  return {.prototype = &M::default_instance(),
          .encode = [](const Message& message) { return json::Encode(static_cast<const M&>(message)); },
          .decode = [](std::string_view text, const json::DecodeOptions& options,
                       Message* message) { return json::Decode(text, static_cast<M*>(message), options); }};
}

}  // namespace

std::span<const Codec> CanonicalCodecs() {
  static const Codec kCodecs[] = {
      CodecOf<Scalars>(),  CodecOf<Optionals>(), CodecOf<Lists>(),          CodecOf<Maps>(),
      CodecOf<Choices>(),  CodecOf<Tree>(),      CodecOf<WellKnown>(),      CodecOf<WellKnownLists>(),
      CodecOf<Names>(),    CodecOf<Wide>(),      CodecOf<Required>(),       CodecOf<Defaults>(),
      CodecOf<v1::Wait>(), CodecOf<v1::Ok>(),    CodecOf<v1::TextContent>()};
  return kCodecs;
}

std::span<const Codec> AnnotatedCodecs() {
  static const Codec kCodecs[] = {CodecOf<v1::ServerAddress>(),
                                  CodecOf<v1::Peer>(),
                                  CodecOf<v1::Push>(),
                                  CodecOf<v1::Ok>(),
                                  CodecOf<v1::HoleDetected>(),
                                  CodecOf<v1::Wait>(),
                                  CodecOf<v1::Ack>(),
                                  CodecOf<v1::RpcError>(),
                                  CodecOf<v1::RpcWait>(),
                                  CodecOf<v1::RpcFailure>(),
                                  CodecOf<v1::Typing>(),
                                  CodecOf<v1::Online>(),
                                  CodecOf<v1::Offline>(),
                                  CodecOf<v1::Content>(),
                                  CodecOf<v1::Message>(),
                                  CodecOf<v1::MessageEdited>(),
                                  CodecOf<v1::MessagesRead>(),
                                  CodecOf<v1::MessagesReceived>(),
                                  CodecOf<v1::GroupMemberInvite>(),
                                  CodecOf<v1::AvatarChange>(),
                                  CodecOf<v1::Expired>(),
                                  CodecOf<v1::Update>(),
                                  CodecOf<Sounds>()};
  return kCodecs;
}

}  // namespace oracle
