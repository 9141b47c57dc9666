#!/bin/sh
# Create Temporal's two databases, or bring their schemas to this image's version. Each of these
# commands changes nothing if its work is done already.
set -eu
for database in temporal temporal_visibility; do
  temporal-sql-tool --db "$database" create-database
  temporal-sql-tool --db "$database" setup-schema --version 0.0
  temporal-sql-tool --db "$database" update-schema \
    --schema-dir "/etc/temporal/schema/postgresql/v12/${database#temporal_}/versioned"
done
