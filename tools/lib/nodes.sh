# Starting, watching and ending fednode processes. To be sourced.
#
# Wants: bin (the folder of fednode and fedctl), work (a folder for everything of the nodes). A node is named by its
# domain; its files are $work/DOMAIN.{pem,key,db,sock,out,log}, its port is port[DOMAIN].

declare -A port pid

# A loopback port on which nobody listens now. Below the range from which the system takes ports for outgoing
# connections, so that none of these takes it before the node does.
free_port() {
  local candidate
  while true; do
    candidate=$((20000 + RANDOM % 12000))
    (exec 3<> "/dev/tcp/127.0.0.1/$candidate") 2> /dev/null || break
  done
  echo "$candidate"
}

# start_node DOMAIN PEER: starts the node, and waits until it is ready.
start_node() {
  local domain=$1 peer=$2 files="$work/$1" ready_before
  : >> "$files.log"
  ready_before=$(grep -c "^fednode: ready" "$files.log" || true)
  # In a session of its own: an interrupt of this script ends the nodes in the order that it chooses.
  setsid "$bin/fednode" --domain "$domain" --listen "127.0.0.1:${port[$domain]}" \
    --tls-cert "$files.pem" --tls-key "$files.key" --tls-ca "$work/ca.pem" --store "sqlite:$files.db" \
    --peer "$peer=127.0.0.1:${port[$peer]}" --admin "unix:$files.sock" < /dev/null >> "$files.out" 2>> "$files.log" &
  pid[$domain]=$!
  wait_for 20 "$domain to be ready" node_is_ready "$domain" "$ready_before"
}

node_is_ready() {
  kill -0 "${pid[$1]}" 2> /dev/null || fail "$1 has ended: $(tail -n 3 "$work/$1.log")"
  [ "$(grep -c '^fednode: ready' "$work/$1.log")" -gt "$2" ]
}

# end_node DOMAIN SIGNAL: ends the node if it runs, and waits until it is gone.
end_node() {
  [ -n "${pid[$1]:-}" ] || return 0
  kill "-$2" "${pid[$1]}" 2> /dev/null || true
  wait "${pid[$1]}" 2> /dev/null || true
  unset "pid[$1]"
}

# wait_for SECONDS WHAT COMMAND...: repeats the command until it succeeds.
wait_for() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || fail "waited too long for $what"
    sleep 0.05
  done
}

# query DOMAIN SQL: asks the node's database, also while the node runs.
query() {
  sqlite3 -batch -noheader -cmd '.timeout 5000' "$work/$1.db" "$2"
}

# How many strong updates of ORIGIN the node has applied.
applied() {
  query "$1" "SELECT count(*) FROM fednode_history WHERE origin = '$2'"
}

# The last number that the node has given to an update for DESTINATION; empty while the node does not answer.
assigned() {
  "$bin/fedctl" --admin "unix:$work/$1.sock" links --json 2> /dev/null |
    sed -n "s/^{\"destination\":\"$2\",\"assigned\":\([0-9]*\),.*/\1/p"
}
