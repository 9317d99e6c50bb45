#!/bin/sh
printf '%s\n' 'listener 1883' 'allow_anonymous true' 'max_queued_messages 0' >/tmp/mosquitto.conf
exec mosquitto -c /tmp/mosquitto.conf
