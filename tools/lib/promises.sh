# Whether the tests that a page names exist. To be sourced.

# Prints every name in PROMISES.md that is nowhere in tests/: of a test, `Suite.Test`, of a program that is one,
# `process/name`, or of what the simulation checks, `kName`. Fails if there is one.
check_promises() {
  local page=runtime/delivery/PROMISES.md name bad=0
  while read -r name; do
    case "$name" in
      k*) grep -qE "^  $name," tests/simulation/checker.h && continue ;;
      process/*) [ -f "tests/$name.cc" ] && continue ;;
      *) git grep -qzP "TEST(_F|_P)?\(${name%.*},\s*${name#*.}\)" -- tests && continue ;;
    esac
    echo "$page names $name, which is not in tests/"
    bad=1
  done < <(grep -oE '`(k[A-Z][A-Za-z]*|process/[a-z_]*|[A-Z][A-Za-z]*\.[A-Z][A-Za-z]*)`' "$page" | tr -d '`' | sort -u)
  return "$bad"
}
