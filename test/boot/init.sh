#!/bin/busybox sh
# The smallest installer that is one: it reads its kernel command line as debian-installer does, fetches its answer file,
# partitions and formats the disk, writes a system with a boot loader, and reports. The system that it installs is itself.
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
exec >/dev/ttyS0 2>&1
for module in $(cat /modules/order); do insmod "/modules/$module"; done
for word in $(cat /proc/cmdline); do
  case $word in
    url=*) URL=${word#*=} ;;
    netcfg/get_ipaddress=*) ADDRESS=${word#*=} ;;
    netcfg/get_netmask=*) MASK=${word#*=} ;;
    netcfg/get_gateway=none) ;;
    netcfg/get_gateway=*) GATEWAY=${word#*=} ;;
    virtkit.installed=*) INSTALLED=${word#*=} ;;
  esac
done
BASE=${URL%/*}
say() { echo "installer: $*"; }
report() { timeout 15 wget -q -O /dev/null "$BASE/report?$1" || say "the report $1 did not arrive"; }
fail() { say "failed: $1"; report "phase=failed&detail=$1"; poweroff -f; }

ifconfig lo 127.0.0.1 up
for try in 1 2 3 4 5 6 7 8 9 10; do [ -e /sys/class/net/eth0 ] && break; sleep 0.2; done
if [ "$ADDRESS" != "${ADDRESS#*:}" ]; then
  # Nobody else has it: it is not waited for until the network has been asked.
  echo 0 >/proc/sys/net/ipv6/conf/eth0/accept_dad
  ifconfig eth0 up
  ip -6 addr add "$ADDRESS" dev eth0
  [ -z "$GATEWAY" ] || ip -6 route add default via "$GATEWAY" dev eth0
elif [ -n "$ADDRESS" ]; then
  ifconfig eth0 "$ADDRESS" netmask "$MASK" up
  [ -z "$GATEWAY" ] || route add default gw "$GATEWAY"
else
  ifconfig eth0 up
  udhcpc -q -n -t 10 -T 1 -i eth0 -s /udhcpc.sh || say "no lease"
fi

if [ -n "$INSTALLED" ]; then
  say "the installed system of $INSTALLED is up"
  report "phase=ready&detail=$INSTALLED"
  poweroff -f
fi

timeout 15 wget -q -O /answers "$URL" || fail "no-answer-file"
NAME=$(sed -n 's/^d-i netcfg\/get_hostname string //p' /answers)
report "phase=installing&percent=10&detail=partitioning"
DISK=/dev/vda
SECTORS=$(($(cat /sys/class/block/vda/size) - 2048))
# One active partition from sector 2048 to the end: type 83 for BIOS, ef for UEFI.
[ -d /sys/firmware/efi ] && EFI=1 TYPE=ef || TYPE=83
byte() { printf '\\x%02x' $(($1 & 255)); }
four() { byte "$1"; byte $(($1 >> 8)); byte $(($1 >> 16)); byte $(($1 >> 24)); }
dd if=/mbr.bin of=$DISK bs=440 count=1 conv=notrunc 2>/dev/null
printf "\\x80\\x20\\x21\\x00\\x$TYPE\\xfe\\xff\\xff$(four 2048)$(four $SECTORS)" | dd of=$DISK bs=1 seek=446 conv=notrunc 2>/dev/null
printf '\x55\xaa' | dd of=$DISK bs=1 seek=510 conv=notrunc 2>/dev/null
blockdev --rereadpt $DISK
for try in 1 2 3 4 5 6 7 8 9 10; do [ -b ${DISK}1 ] && break; sleep 0.2; done
mkdir -p /mnt
if [ -n "$EFI" ]; then
  mkdosfs ${DISK}1 >/dev/null || fail "mkdosfs"
  mount -t vfat ${DISK}1 /mnt || fail "mount"
else
  mke2fs ${DISK}1 >/dev/null || fail "mke2fs"
  mount -t ext4 ${DISK}1 /mnt || fail "mount"
fi
report "phase=installing&percent=40&detail=copying"
mkdir -p /mnt/boot
wget -q -O /mnt/boot/kernel "$BASE/kernel" || fail "kernel"
wget -q -O /mnt/boot/initrd "$BASE/initrd" || fail "initrd"
NETWORK=${ADDRESS:+netcfg/get_ipaddress=$ADDRESS netcfg/get_netmask=$MASK netcfg/get_gateway=${GATEWAY:-none}}
LINE="console=ttyS0 quiet panic=5 url=$URL virtkit.installed=$NAME $NETWORK"
report "phase=installing&percent=80&detail=boot-loader"
if [ -n "$EFI" ]; then
  mkdir -p /mnt/EFI/BOOT
  cp /BOOTX64.EFI /mnt/EFI/BOOT/
  # iPXE starts a kernel from a card that is open, whatever it was loaded from.
  printf '#!ipxe\nifopen net0\nkernel file:/boot/kernel initrd=initrd %s\ninitrd --name initrd file:/boot/initrd\nboot\n' "$LINE" >/mnt/EFI/BOOT/autoexec.ipxe
else
  printf 'DEFAULT l\nPROMPT 0\nLABEL l\n LINUX /boot/kernel\n INITRD /boot/initrd\n APPEND %s\n' "$LINE" >/mnt/boot/extlinux.conf
  /extlinux --install /mnt/boot >/dev/null 2>&1 || fail "extlinux"
fi
umount /mnt
sync
report "phase=finishing&percent=95"
say "done, going on to the disk"
reboot -f
