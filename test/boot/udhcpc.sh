#!/bin/busybox sh
# What udhcpc calls with what it was given.
[ "$1" = bound ] || exit 0
ifconfig "$interface" "$ip" netmask "$subnet"
[ -z "$router" ] || route add default gw "${router%% *}"
