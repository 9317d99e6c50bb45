#!/bin/bash
set -eu
export PGHOST=$GUEST_ADDRESS PGUSER=postgres PATH=$PATH:/usr/lib/postgresql/17/bin
until pg_isready --quiet; do sleep 0.1; done

pgbench --initialize --quiet 2>&1 | sed 's/^/initialize: /'
pgbench --client=8 --transactions=50 | sed 's/^/encrypted: /'
PGSSLMODE=disable pgbench --client=8 --transactions=50 --connect | sed 's/^/connecting: /'
psql --tuples-only --no-align --command "select count(*) from pgbench_history"
# Two megabytes in one answer.
psql --tuples-only --no-align --command "select repeat('0123456789', 200000)" | sha256sum
