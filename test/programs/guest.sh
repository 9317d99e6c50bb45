#!/bin/sh
# Starts all programs.
for program in *-guest.*; do
	"./$program" &
done
wait
