# Numbered updates from one node to the other, and the verdict on what became of them. To be sourced, with nodes.sh.
#
# Wants: strong_total (strong updates in each direction). The n-th strong update says "update n", and a weak one follows
# every strong_per_weak-th. As nobody else sends, the n-th strong update gets the number n on its link.

strong_per_weak=50

# Writes the updates from the FIRST-th on, in pieces with pauses in between, so that there is time to be interrupted. The
# second half waits for the file $work/killed: whatever the speed of the machine, not all is sent before the kill.
write_updates() {
  local origin=$1 next=$2 last
  while [ "$next" -le "$strong_total" ]; do
    if [ "$next" -gt $((strong_total / 2)) ]; then
      # Nor after the end of the script, which removes the folder.
      while [ -d "$work" ] && [ ! -e "$work/killed" ]; do sleep 0.02; done
    fi
    last=$((next - (next - 1) % strong_per_weak + strong_per_weak - 1))
    [ "$last" -le "$strong_total" ] || last=$strong_total
    printf '{"update":"message","peer":{"type":"group","id":11223344},"content":{"type":"text","text":"update %d"}}\n' \
      $(seq "$next" "$last")
    printf '{"update":"typing","user_id":"steve@%s","peer":{"type":"group","id":11223344}}\n' "$origin"
    echo >> "$work/$origin.weak"
    next=$((last + 1))
    sleep 0.005
  done
}

# send_all ORIGIN DESTINATION: sends all updates, over the ends of the node. When the connection to a node breaks, the
# updates whose acceptance was not confirmed may be in its store or not: the store says where to go on.
send_all() {
  local origin=$1 destination=$2 next=1 known
  while [ "$next" -le "$strong_total" ]; do
    write_updates "$origin" "$next" |
      "$bin/fedctl" --admin "unix:$work/$origin.sock" send "$destination" - >> "$work/$origin.sent" 2>&1 || true
    known=""
    until [ -n "$known" ]; do
      known=$(assigned "$origin" "$destination" || true)
      [ -n "$known" ] || sleep 0.05
    done
    next=$((known + 1))
  done
}

# measure ORIGIN DESTINATION: a row of the table: sent, applied, lost, twice, out of order. Counted twice, by what the
# updates say and by their numbers on the link; the worse counts.
measure() {
  query "$2" "
    WITH RECURSIVE
      sent(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM sent WHERE n < $strong_total),
      applied AS (
        SELECT id, seq, CAST(substr(json_extract(update_json, '\$.content.text'), 8) AS INTEGER) AS n
        FROM fednode_history WHERE origin = '$1'),
      steps AS (
        SELECT n < lag(n) OVER (ORDER BY id) AS n_back, seq < lag(seq) OVER (ORDER BY id) AS seq_back FROM applied)
    SELECT
      $strong_total,
      (SELECT count(*) FROM applied),
      max((SELECT count(*) FROM sent WHERE n NOT IN (SELECT n FROM applied WHERE n IS NOT NULL)),
          (SELECT count(*) FROM sent WHERE n NOT IN (SELECT seq FROM applied))),
      (SELECT max(count(*) - count(DISTINCT n), count(*) - count(DISTINCT seq)) FROM applied),
      (SELECT CAST(max(total(n_back), total(seq_back)) AS INTEGER) FROM steps)"
}
