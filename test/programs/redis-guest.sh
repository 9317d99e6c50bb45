#!/bin/sh
exec redis-server --bind "$GUEST_ADDRESS" --protected-mode no --save '' --dir /tmp
