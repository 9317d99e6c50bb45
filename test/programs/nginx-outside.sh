#!/bin/bash
set -eu
until (: </dev/tcp/"$GUEST_ADDRESS"/80) 2>/dev/null; do sleep 0.1; done
url=http://$GUEST_ADDRESS

curl --silent --show-error "$url/"
cd "$(mktemp --directory)"
curl --silent --show-error --remote-name-all "$url/large" "$url/large.sha256"
sha256sum --check large.sha256
wrk --threads 1 --connections 32 --duration 5s --timeout 60s "$url/" | sed 's/^/small: /'
wrk --threads 1 --connections 4 --duration 5s --timeout 60s "$url/large" | sed 's/^/large: /'
