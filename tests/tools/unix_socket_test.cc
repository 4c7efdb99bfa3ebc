#include "admin/unix_socket.h"

#include <cstring>
#include <fstream>
#include <unistd.h>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "support/temporary_folder.h"

namespace federation::admin {
namespace {

// A socket that is bound to a path; it stays there when this ends, as after a crash.
class BoundSocket {
 public:
  explicit BoundSocket(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path.c_str());
    EXPECT_EQ(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  }
  ~BoundSocket() { ::close(fd_); }
  void Listen() { EXPECT_EQ(::listen(fd_, 1), 0); }

 private:
  int fd_;
};

TEST(AdminAddress, IsAPathBehindUnix) {
  EXPECT_EQ(*ParseAddress("unix:/run/a.sock"), "/run/a.sock");
  EXPECT_EQ(*ParseAddress("unix:a b.sock"), "a b.sock");
}

TEST(AdminAddress, IsRefusedWhenItIsSomethingElse) {
  for (const std::string& text :
       {std::string("/run/a.sock"), std::string(""), std::string("unix:"), "unix:" + std::string(108, 'x')}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseAddress(text).status())) << text;
  }
}

TEST(AdminAddress, IsEscapedForGrpc) { EXPECT_EQ(GrpcTarget("/tmp/a b%.sock"), "unix:/tmp/a%20b%25.sock"); }

TEST(ProbeSocket, TellsWhatIsThere) {
  TemporaryFolder dir;
  EXPECT_EQ(ProbeSocket(dir.File("nothing")), SocketState::kAbsent);
  std::ofstream(dir.File("file")) << "text";
  EXPECT_EQ(ProbeSocket(dir.File("file")), SocketState::kNoSocket);
  EXPECT_EQ(ProbeSocket(dir.File("file/below")), SocketState::kAbsent);
  {
    BoundSocket socket(dir.File("socket"));
    socket.Listen();
    EXPECT_EQ(ProbeSocket(dir.File("socket")), SocketState::kListening);
  }
  EXPECT_EQ(ProbeSocket(dir.File("socket")), SocketState::kStale);
}

}  // namespace
}  // namespace federation::admin
