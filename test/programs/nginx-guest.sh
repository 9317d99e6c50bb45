#!/bin/sh
mkdir /tmp/www
echo 'hello from nginx' >/tmp/www/index.html
head -c 2000000 /dev/urandom >/tmp/www/large
(cd /tmp/www && sha256sum large >large.sha256)
exec nginx -c "$PWD/nginx.conf"
