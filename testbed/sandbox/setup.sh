#!/bin/sh
# Furnishes a cluster's sandbox from within, then becomes its process 1.
# `unshare` has just given this process mount, pid, network and ipc namespaces of its own, so nothing below
# is seen by the machine outside, and all of it is gone when process 1 ends.
#
#   setup.sh FOLDER PROGRAMS MODULES NODE_ADDRESS MARK
#
# Inside, the cluster's folder is /run and its var is /var: the fixed paths of kubelet, containerd and CNI
# then belong to this cluster alone, and the paths of Unix sockets are short wherever the checkout lies.
set -eu
folder=$1 programs=$2 modules=$3 address=$4 mark=$5
cd /

mkdir -p "$folder/var/lib" "$folder/var/log" "$folder/tmp" "$folder/programs" "$folder/modules"
chmod 1777 "$folder/tmp"
ln -sfn /run "$folder/var/run"
ln -sfn /tmp "$folder/var/tmp"
mount --bind "$programs" "$folder/programs"
mount --bind "$modules" "$folder/modules"
mount --rbind "$folder" /run
mount --bind /run/var /var
mount --bind /run/tmp /tmp
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount --make-rshared /

# The node's interface is a bridge: not every kernel has `dummy`.
ip link set lo up
ip link add node0 type bridge
ip address add "$address/24" dev node0
ip link set node0 up
ip route add default dev node0
echo 1 >/proc/sys/net/ipv4/ip_forward

touch /run/furnished
exec /run/pause "$mark"
