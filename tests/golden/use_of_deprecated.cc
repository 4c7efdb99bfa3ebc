// Uses what a schema deprecates, or what it does not; to be compiled with -Werror.
#include "deprecated_cases_are_marked/mail.federation.h"
#include "service_gets_client_and_server/directory.federation.h"

absl::Status Use(golden::mail::MailUpdateSender& mail, golden::directory::DirectoryClient& directory) {
#if defined(DEPRECATED_CASE)
  return mail.SendPostcard("b.test", golden::mail::Letter()).status();
#elif defined(DEPRECATED_METHOD)
  return directory.ListHTTPUsers("b.test", google::protobuf::Empty()).status();
#elif defined(DEPRECATED_SERVICE)
  return golden::directory::PhonebookClient(*static_cast<federation::RpcChannel*>(nullptr))
      .LookUp("b.test", golden::directory::SearchUsersRequest())
      .status();
#else
  if (!mail.SendLetter("b.test", golden::mail::Letter()).ok()) return absl::OkStatus();
  return directory.SearchUsers("b.test", golden::directory::SearchUsersRequest()).status();
#endif
}
