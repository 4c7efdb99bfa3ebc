#pragma once

namespace federation::sqlite {

// Marks the thread as inside of a transaction of a store, as long as it lives. It is destroyed on the thread
// that made it.
class Inside {
 public:
  explicit Inside(const void* store);
  ~Inside();
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

  static bool Is(const void* store);

 private:
  const void* store_;
};

}  // namespace federation::sqlite
