#!/bin/sh
# Runs the other side of one program after the other. Of one that hangs, the others are not to suffer.
for program in *-outside.*; do
	echo "=== ${program%-outside.*}"
	timeout 600 "./$program"
	echo "status $?"
done
