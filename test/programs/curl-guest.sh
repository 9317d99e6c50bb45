#!/bin/bash
# Fetches a file from the server outside, sends it back, and says with what status.
until (: </dev/tcp/"$OUTSIDE_ADDRESS"/8000) 2>/dev/null; do sleep 1; done
cd /tmp
curl --silent --show-error --fail --output file "http://$OUTSIDE_ADDRESS:8000/file" &&
	curl --silent --show-error --fail --upload-file file "http://$OUTSIDE_ADDRESS:8000/file"
