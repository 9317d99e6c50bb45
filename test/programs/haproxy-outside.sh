#!/bin/bash
set -eu
until curl --silent --fail --output /dev/null "http://$GUEST_ADDRESS:81/"; do sleep 0.1; done

cd "$(mktemp --directory)"
for port in 81 82; do
	url=http://$GUEST_ADDRESS:$port
	curl --silent --show-error "$url/"
	curl --silent --show-error --remote-name-all "$url/large" "$url/large.sha256"
	sha256sum --check large.sha256
	wrk --threads 1 --connections 16 --duration 5s --timeout 60s "$url/" | sed "s/^/$port: /"
done
