#!/bin/sh
exec python3 arrivals-outside.py
