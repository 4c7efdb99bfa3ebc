#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <absl/strings/str_cat.h>

#include "codegen/cpp/names.h"
#include "codegen/model/checks.h"
#include "codegen/model/cpp_claims.h"
#include "codegen/model/rules.h"
#include "codegen/model/visit.h"

namespace federation::codegen {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::OneofDescriptor;

// The files whose headers the code of `file` sees.
void AddImports(const FileDescriptor& file, std::unordered_set<const FileDescriptor*>* imports) {
  for (int i = 0; i < file.dependency_count(); ++i) {
    if (imports->insert(file.dependency(i)).second) AddImports(*file.dependency(i), imports);
  }
}

// Compares what a file uses with itself and with what its imports show.
class Comparison {
 public:
  Comparison(const FileDescriptor& file, CppClaimIndex& index, Diagnostics& diagnostics)
      : file_(file), index_(index), diagnostics_(diagnostics) {
    AddImports(file, &imports_);
  }

  void Run() {
    for (const FileDescriptor* import : imports_) {
      if (import->package() == file_.package()) index_.Of(*import);
    }
    const CppClaims& own = index_.Of(file_);
    for (const CppClaim& claim : own.shown) Compare(claim);
    for (const CppClaim& claim : own.hidden) Compare(claim);
  }

 private:
  using Where = std::pair<std::pair<const FileDescriptor*, std::vector<int>>,
                          std::pair<const FileDescriptor*, std::vector<int>>>;

  void Compare(const CppClaim& claim) {
    const auto [first, fresh] = by_name_.emplace(claim.name, &claim);
    if (!fresh) Report(*first->second, claim);
    const auto* others = index_.Find(file_.package(), claim.name);
    if (others == nullptr) return;
    for (const CppClaim* other : *others) {
      if (imports_.contains(other->place.file)) Report(claim, *other);
    }
  }

  // Reports what stands in the file, and of two places in it the one of the schema's own name. Once for two
  // places: what is made of two equal names is equal, too.
  void Report(const CppClaim& first, const CppClaim& second) {
    const bool second_is_ours = second.place.file == &file_;
    const bool report_first = first.place.file == &file_ && (first.declared || !second_is_ours);
    if (!report_first && !second_is_ours) return;
    const CppClaim& reported = report_first ? first : second;
    const CppClaim& other = report_first ? second : first;
    Where places = {{reported.place.file, reported.place.path}, {other.place.file, other.place.path}};
    if (places.second < places.first) std::swap(places.first, places.second);
    if (!reported_.insert(places).second) return;
    diagnostics_.Add(reported.place,
                     absl::StrCat("the C++ name `", reported.name, "` is also that of ", other.Owner()));
  }

  const FileDescriptor& file_;
  CppClaimIndex& index_;
  Diagnostics& diagnostics_;
  std::unordered_set<const FileDescriptor*> imports_;
  std::unordered_map<std::string_view, const CppClaim*> by_name_;
  std::set<Where> reported_;
};

void CheckCaseNames(const OneofDescriptor& oneof, Diagnostics& diagnostics) {
  std::map<std::string, const FieldDescriptor*> cases;
  for (int i = 0; i < oneof.field_count(); ++i) {
    const FieldDescriptor& field = *oneof.field(i);
    const auto [first, fresh] = cases.emplace(cpp::CaseName(field), &field);
    if (fresh) continue;
    diagnostics.Add(PlaceOf(field),
                    absl::StrCat("the C++ name `", first->first, "` is also that of the case `",
                                 first->second->name(), "` (", PositionText(PlaceOf(*first->second)), ")"));
  }
  const auto unknown = cases.find("Unknown");
  if (unknown == cases.end() || !KeepsUnknown(oneof)) return;
  diagnostics.Add(PlaceOf(*unknown->second),
                  "the C++ name `OnUnknown` is also that of the function for updates of unknown kinds");
}

}  // namespace

void CheckCppNames(const FileDescriptor& file, CppClaimIndex& index, Diagnostics& diagnostics) {
  Comparison(file, index, diagnostics).Run();
  ForEachMessage(file, [&](const Descriptor& message) {
    if (IsUpdateUnion(message)) CheckCaseNames(*FlattenedOneof(message), diagnostics);
  });
}

}  // namespace federation::codegen
