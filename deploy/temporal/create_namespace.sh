#!/bin/sh
# Create the namespace, and the search attributes of customer_service and human_in_the_loop. Changes
# nothing that exists already.
set -eu
temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"
# The server finds a new namespace only when it refreshes its cache, every 10 s.
attempts=0
until temporal operator search-attribute list >/dev/null 2>&1; do
  attempts=$((attempts + 1))
  [ "$attempts" -lt 60 ] || { echo "Namespace $TEMPORAL_NAMESPACE is not available." >&2; exit 1; }
  sleep 1
done
temporal operator search-attribute create --name NeedsPerson --type Bool
temporal operator search-attribute create --name PendingApprovals --type KeywordList
