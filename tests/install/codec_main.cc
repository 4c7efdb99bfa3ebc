// Writes and reads a message with codecs that no node is linked for.
#include <iostream>

#include <federation/json/codec.h>

#include "chat/v1/rooms.federation.h"

int main() {
  chat::v1::Room room;
  room.set_name("kitchen");
  const auto json = federation::json::Encode(room);
  if (!json.ok() || !federation::json::Decode(*json, &room).ok()) return 1;
  std::cout << *json << '\n';
}
