#!/bin/sh
# Written by Virtkit. Runs once, on the first boot of the installed system.
tries=0
until curl -fsS -m 20 -o /dev/null -X POST -d 'phase=ready&percent=100' 'http://10.20.0.2:8080/boot/token-0123456789/report'; do
  tries=$((tries + 1))
  [ "$tries" -lt 8640 ] || break
  sleep 5
done
systemctl disable virtkit-first-boot.service
rm -f /usr/local/sbin/virtkit-first-boot /etc/systemd/system/virtkit-first-boot.service
