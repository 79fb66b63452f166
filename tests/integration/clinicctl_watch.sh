#!/bin/bash
# Watches a day as JSON; books once the day is there; ends the watch once the booking is seen:
#   clinicctl_watch.sh CLINICCTL DEV_DIRECTORY DATE
set -euo pipefail
clinicctl=("$1" --dev "$2" --json)

coproc WATCH { exec "${clinicctl[@]}" day --date "$3" --watch; }
watch=$WATCH_PID
while read -r event <&"${WATCH[0]}"; do
  printf '%s\n' "$event"
  case $event in
    *'"last":true'*)
      "${clinicctl[@]}" book --patient 'iban leo' --practitioner pena --at "$3T10:00" >/dev/null
      ;;
    *'"upsert":'*)
      kill -TERM "$watch"
      break
      ;;
  esac
done
wait "$watch"
echo "ended with $?"
