#!/bin/sh
# The cluster that the package has made, open to the clients.
main=/etc/postgresql/17/main
echo 'host all all 0.0.0.0/0 trust' >>$main/pg_hba.conf
install -d -o postgres -g postgres /run/postgresql
exec setpriv --reuid=postgres --regid=postgres --init-groups \
	/usr/lib/postgresql/17/bin/postgres -D /var/lib/postgresql/17/main \
	-c config_file=$main/postgresql.conf -c listen_addresses='*'
