#!/bin/sh
exec memcached --user=memcache --listen="$GUEST_ADDRESS" --port=11211 --udp-port=11211
