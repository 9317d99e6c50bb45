#!/bin/sh
# The configuration knows no environment.
sed "s/GUEST_ADDRESS/$GUEST_ADDRESS/; s/OUTSIDE_ADDRESS/$OUTSIDE_ADDRESS/" kamailio.cfg >/tmp/kamailio.cfg
mkdir -p /run/kamailio
exec kamailio -DD -E -f /tmp/kamailio.cfg -m 32 -M 4 -Y /run/kamailio -P /run/kamailio/kamailio.pid
