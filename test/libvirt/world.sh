#!/bin/sh
# The first process of namespaces of its own (mount, network, processes): when it ends, however it ends, the kernel takes
# libvirtd, every guest, every mount and every network device with it.
set -eu
folder=$1
pool_size=$2

for path in /etc/libvirt /var/lib/libvirt /run/libvirt /var/log/libvirt /var/cache/libvirt; do
  mkdir -p "$path"
  mount -t tmpfs tmpfs "$path"
done

# The build's own user, which another Debian package would make for the whole machine.
for names in passwd group; do
  cp "/etc/$names" "/etc/libvirt/$names"
  grep -q '^libvirt-qemu:' "/etc/$names" && continue
  line='libvirt-qemu:x:64055:64055::/var/lib/libvirt:/usr/sbin/nologin'
  [ "$names" = group ] && line='libvirt-qemu:x:64055:'
  echo "$line" >>"/etc/libvirt/$names"
  mount --bind "/etc/libvirt/$names" "/etc/$names"
done

# File systems of the tests' own: nobody else changes how much is free.
for pool in disks small; do
  mkdir -p "/var/lib/libvirt/$pool"
  size=$pool_size
  [ "$pool" = small ] && size=64M
  truncate -s "$size" "/var/lib/libvirt/$pool.img"
  mkfs.ext4 -q -m 0 -O ^has_journal "/var/lib/libvirt/$pool.img"
  mount -o loop "/var/lib/libvirt/$pool.img" "/var/lib/libvirt/$pool"
  rm -rf "/var/lib/libvirt/$pool/lost+found"
done

ip link set lo up
for bridge in lab0 lab1; do
  ip link add "$bridge" type bridge
  ip link set "$bridge" up
done

cat >/etc/libvirt/qemu.conf <<CONF
security_driver = "none"
security_default_confined = 0
user = "root"
group = "root"
dynamic_ownership = 0
remember_owner = 0
namespaces = []
cgroup_controllers = []
stdio_handler = "file"
CONF
cat >/etc/libvirt/libvirtd.conf <<CONF
unix_sock_dir = "$folder"
unix_sock_rw_perms = "0700"
auth_unix_ro = "none"
auth_unix_rw = "none"
max_clients = 200
max_workers = 20
log_level = 3
log_outputs = "3:file:$folder/libvirtd.log"
CONF
echo $$ >"$folder/world.pid"
# Not exec: the first process reaps what is orphaned.
libvirtd -f /etc/libvirt/libvirtd.conf --pid-file /run/libvirt/virtkit.pid &
wait
