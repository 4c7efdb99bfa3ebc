# Which folder may include which. To be sourced.

# One line a folder: what its files may include beyond the standard library and packages. `api` stands for the public
# headers, federation/*.h and federation/json/*.h.
arrows() {
  cat << 'TABLE'
runtime/include api
runtime/json api json
runtime/link api json link
runtime/update api update
runtime/rpc api rpc json federation/v1
runtime/log log
runtime/store api store log
runtime/directory api directory federation/v1
runtime/discovery api discovery directory https transport
runtime/transport api transport json
runtime/https api https directory log transport
runtime/delivery api delivery json link log federation/v1
runtime/node api node delivery discovery json https directory rpc log transport
codegen codegen federation/v1/annotations.pb.h
tools/admin api admin federation/v1 federation/admin
tools/fednode api fednode admin federation/v1 federation/admin
tools/fedctl api fedctl admin federation/v1 federation/admin
TABLE
}

# Prints every include that no arrow allows; fails if there is one.
check_arrows() {
  local folder allowed file include target bad=0
  while read -r folder allowed; do
    while IFS=: read -r file include; do
      target=${include#*\"}
      target=${target%\"*}
      case "$target" in
        */*) ;;
        *) continue ;;
      esac
      if ! arrow_allows "$target" $allowed; then
        echo "$file includes $target: $folder may include only: $allowed"
        bad=1
      fi
    done < <(git grep -n --no-line-number -E '^#include "' -- "$folder")
  done < <(arrows)
  # gRPC belongs to the tools.
  if git grep -nE '#include [<"]grpc' -- codegen runtime; then
    echo "gRPC is linked by tools only"
    bad=1
  fi
  return "$bad"
}

# arrow_allows TARGET ALLOWED...
arrow_allows() {
  local target=$1 allowed
  shift
  for allowed in "$@"; do
    case "$allowed" in
      api)
        case "$target" in
          federation/v1/* | federation/admin/*) ;;
          federation/*) return 0 ;;
        esac
        ;;
      *)
        case "$target" in
          "$allowed" | "$allowed"/*) return 0 ;;
        esac
        ;;
    esac
  done
  return 1
}
