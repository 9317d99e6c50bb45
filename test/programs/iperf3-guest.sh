#!/bin/sh
exec iperf3 --server
