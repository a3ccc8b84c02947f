#!/bin/sh
# Installs or upgrades the silo from a release folder (the one that holds this script's folder), as root:
#   deploy/install.sh [--prefix /opt/orchestrator] [--no-start]
# A new version is copied beside the old one and 'current' is switched. When it does not get ready, the old one is switched back.
set -eu
from=$(cd "$(dirname "$0")/.." && pwd)
prefix=/opt/orchestrator start=yes
while [ $# -gt 0 ]; do
  case $1 in
    --prefix) prefix=${2:?--prefix needs a folder} && shift 2 ;;
    --no-start) start=no && shift ;;
    *) echo "install.sh: '$1' is unknown." >&2 && exit 2 ;;
  esac
done
[ "$(id -u)" -eq 0 ] || { echo "install.sh: run it as root." >&2 && exit 2; }
[ -x "$from/orchestrator-silo" ] || { echo "install.sh: $from is no release folder; make one with deploy/publish." >&2 && exit 2; }
(cd "$from" && sha256sum --check --quiet SHA256SUMS) || { echo "install.sh: $from is damaged; nothing was changed." >&2 && exit 1; }

getent group orchestrator >/dev/null || groupadd --system orchestrator
getent passwd orchestrator >/dev/null ||
  useradd --system --gid orchestrator --home-dir /var/lib/orchestrator --shell /usr/sbin/nologin orchestrator
install -d -m 0755 "$prefix" "$prefix/versions"
install -d -m 0700 /etc/orchestrator
[ -e /etc/orchestrator/orchestrator.env ] ||
  install -m 0600 "$from/deploy/orchestrator.env.example" /etc/orchestrator/orchestrator.env

name=$(cat "$from/VERSION")-$(sha256sum "$from/SHA256SUMS" | cut -c1-12)
new=$prefix/versions/$name
if [ ! -d "$new" ]; then
  rm -rf "$new.part"
  cp -r "$from" "$new.part"
  chown -R root:root "$new.part"
  chmod -R u+rwX,go+rX,go-w "$new.part"
  mv "$new.part" "$new"
fi
old=$(readlink "$prefix/current" || true)
switch() { ln -sfn "$1" "$prefix/current.new" && mv -T "$prefix/current.new" "$prefix/current"; }
switch "$new"
sed "s:/opt/orchestrator/:$prefix/:g" "$from/deploy/orchestrator.service" >/etc/systemd/system/orchestrator.service
chmod 0644 /etc/systemd/system/orchestrator.service
[ "$start" = yes ] || { echo "Installed $name; not started." && exit 0; }
systemctl daemon-reload
systemctl enable --quiet orchestrator
# Type=notify: this returns when the silo answers, or has failed.
if ! systemctl restart orchestrator; then
  if [ -n "$old" ] && [ "$old" != "$new" ]; then
    echo "install.sh: $name did not get ready (journalctl -u orchestrator); going back to $old." >&2
    switch "$old"
    systemctl reset-failed orchestrator
    systemctl restart orchestrator
  fi
  exit 1
fi
echo "Installed and ready: $name."
