#include "json/any.h"

#include <memory>
#include <string>
#include <string_view>

#include <fmt/core.h>
#include <google/protobuf/any.pb.h>
#include <google/protobuf/empty.pb.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "federation/json/map.h"
#include "federation/json/object_reader.h"
#include "federation/json/well_known.h"

#include "json/dynamic.h"
#include "json/text.h"
#include "json/well_known_visit.h"

namespace federation::json {
namespace {

using google::protobuf::Any;
using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::Message;
using google::protobuf::MessageFactory;

// How much of a type URL an error quotes, in bytes: more than of other text, as it is the name that is
// needed.
constexpr std::size_t kTypeBytesMax = 200;

constexpr std::string_view kWantType = "a type URL such as \"type.googleapis.com/full.Name\"";
constexpr std::string_view kWantKnownType = "the type URL of a message that is compiled into this program";

// An empty message of the type that a type URL names; null, and in *wanted why, if there is none.
std::unique_ptr<Message> NewMessage(std::string_view type_url, std::string_view* wanted) {
  const std::size_t slash = type_url.rfind('/');
  *wanted = kWantType;
  if (slash == std::string_view::npos || slash + 1 == type_url.size()) return nullptr;
  *wanted = kWantKnownType;
  const Descriptor* const type =
      DescriptorPool::generated_pool()->FindMessageTypeByName(std::string(type_url.substr(slash + 1)));
  // The entries of maps are messages in descriptors only.
  if (type == nullptr || type->map_key() != nullptr) return nullptr;
  const Message* const prototype = MessageFactory::generated_factory()->GetPrototype(type);
  return std::unique_ptr<Message>(prototype == nullptr ? nullptr : prototype->New());
}

// What an Any holds; null, and in *problem why, if that cannot be written.
std::unique_ptr<Message> Unpack(const Any& any, int depth, std::string* problem) {
  if (depth >= kDynamicDepthMax) {
    *problem = fmt::format("nested deeper than {}", kDynamicDepthMax);
    return nullptr;
  }
  std::string_view wanted;
  std::unique_ptr<Message> content = NewMessage(any.type_url(), &wanted);
  if (content == nullptr) {
    *problem = fmt::format("want {}, got \"{}\"", wanted, Shorten(any.type_url(), kTypeBytesMax));
  } else if (!content->ParsePartialFromString(any.value())) {
    *problem = fmt::format("want the bytes of a {}, got others", content->GetDescriptor()->full_name());
    content.reset();
  }
  return content;
}

// The binary form; equal messages have equal ones within one program.
void Serialize(const Message& message, std::string* bytes) {
  google::protobuf::io::StringOutputStream stream(bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializePartialToCodedStream(&coded);
}

// Reads the object of an Any whose content stands under "value". protobuf's own writer leaves that out where
// the content has no bytes; only a Value is nothing then that JSON has a form for.
bool ReadUnderValue(Reader& in, Message* content) {
  static constexpr Key kKeys[] = {{"@type", 0}, {"value", 1, 0, /*key_takes_null=*/true}};
  bool present = content->GetDescriptor()->well_known_type() != Descriptor::WELLKNOWNTYPE_VALUE;
  ObjectReader object(in);
  while (object.Next(kKeys)) {
    if (object.field() == 0) {
      if (!in.SkipValue()) return object.Failed();
    } else {
      if (!ReadDynamic(in, content)) return object.Failed();
      present = true;
    }
  }
  if (!object.ok()) return false;
  return present || object.FailMissing("value");
}

// Reads an object that has no "@type".
bool ReadEmptyObject(Reader& in) {
  const std::size_t start = in.NextOffset();
  MapReader object(in);
  if (object.Next()) return in.Fail("want the key \"@type\", got none", start);
  return object.ok();
}

}  // namespace

void WriteAny(const Any& any, Writer& out, int depth) {
  out.BeginObject();
  if (any.type_url().empty()) {
    if (!any.value().empty()) out.Fail(fmt::format("want {}, got none", kWantType));
    return out.EndObject();
  }
  out.StringKey("@type");
  std::string problem;
  const std::unique_ptr<Message> content = Unpack(any, depth, &problem);
  if (content == nullptr) out.Fail(problem);
  out.String(any.type_url());
  if (content != nullptr && HasOwnForm(*content->GetDescriptor())) {
    out.StringKey("value");
    WriteDynamic(*content, out, depth + 1);
  } else if (content != nullptr) {
    WriteDynamicFields(*content, "@type", out, depth + 1);
  }
  out.EndObject();
}

Writer WriteJson(const Any& any, Writer out) { return WriteAny(any, out, 0), out; }

bool ReadJson(Reader& in, Any* any) {
  std::string type_url;
  std::size_t type_offset = 0;
  if (!in.PeekString("@type", &type_url, &type_offset)) return !in.failed() && ReadEmptyObject(in);
  std::string_view wanted;
  const std::unique_ptr<Message> content = NewMessage(type_url, &wanted);
  if (content == nullptr) {
    in.Fail(fmt::format("want {}, got \"{}\"", wanted, Shorten(type_url, kTypeBytesMax)), type_offset,
            DecodeError::Kind::kUnknownTag);
    return in.UnderKey("@type");
  }
  const Descriptor& type = *content->GetDescriptor();
  // Not all writers agree on whether Empty has a form of its own.
  const bool read = HasOwnForm(type) || &type == google::protobuf::Empty::descriptor()
                        ? ReadUnderValue(in, content.get())
                        : ReadDynamicFields(in, "@type", content.get());
  if (!read) return false;
  any->set_type_url(std::move(type_url));
  Serialize(*content, any->mutable_value());
  return true;
}

}  // namespace federation::json
