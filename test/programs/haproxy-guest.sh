#!/bin/sh
exec haproxy -db -f haproxy.cfg
