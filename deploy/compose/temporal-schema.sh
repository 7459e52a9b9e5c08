#!/bin/sh
# Creates Temporal's two databases in PostgreSQL, or changes them to the version of this image. Safe to repeat.
set -eu
SQL_PASSWORD=$(cat "${POSTGRESQL_PASSWORD_FILE:-/run/secrets/postgresql-password}")
export SQL_PASSWORD
schema=${SCHEMA_FOLDER:-/etc/temporal/schema/postgresql/v12}

for database in temporal visibility; do
  name=temporal
  if [ "$database" = visibility ]; then name=temporal_visibility; fi
  tool() {
    temporal-sql-tool --plugin "$DB" --endpoint "$POSTGRES_SEEDS" --port "$DB_PORT" --user "$POSTGRES_USER" --database "$name" "$@"
  }
  tool create-database
  # The second time it says that the schema has a version already.
  tool setup-schema --version 0.0 || echo "$name was set up before"
  tool update-schema --schema-dir "$schema/$database/versioned"
done
