#!/usr/bin/env bash
# Try the product from nothing, as root, in a Debian root made by debootstrap; no container engine is needed.
#   tools/debian_root.sh commands FOLDER    `make run` of the README in a folder with a space and an accent, by root, then by
#                                           another account
#   tools/debian_root.sh tests FOLDER       `make test` in the same places; programs are installed by root's
#   tools/debian_root.sh image FOLDER       the steps of deploy/Containerfile, then migrate and serve as the account acquis
# PIP_CERT names the certificates that pip has to trust, when they are not Debian's own.
set -euo pipefail
mode=${1:?commands, tests or image} root=$(realpath -m "${2:?a folder}") port=${PORT:-8107}
cd "$(dirname "$0")/.."

[ -x "$root/bin/sh" ] || debootstrap --variant=minbase --include=ca-certificates,make,python3,python3-venv trixie "$root"
cp /etc/resolv.conf "$root/etc/resolv.conf"
[ -z "${PIP_CERT:-}" ] || cp "$PIP_CERT" "$root/opt/pip-cert.crt"

inside() {
  local cert=()
  [ ! -f "$root/opt/pip-cert.crt" ] || cert=(PIP_CERT=/opt/pip-cert.crt)
  # Its root is that of its mounts, as on a machine: below a mere chroot the kernel refuses namespaces to everybody.
  unshare --mount --propagation private sh -c 'mount --rbind "$0" "$0" && cd "$0" && mount -t proc proc proc &&
    mount --rbind /dev dev && pivot_root . . && umount -l . && cd / && exec "$@"' \
    "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "${cert[@]}" "$@"
}

# Start a command in the background, wait until it answers, stop it.
answers='
"$@" > /tmp/acquis.said 2>&1 &
for _ in $(seq 600); do
  kill -0 $! 2>/dev/null || break
  if python3 -c "import urllib.request as u; u.urlopen(\"http://127.0.0.1:'$port'/healthz\")" 2>/dev/null; then
    kill $!; wait $! || true; rm /tmp/acquis.said; echo "It answers as $(id -un)."; exit 0
  fi
  sleep 1
done
cat /tmp/acquis.said; exit 1'

copy() { rm -rf "$root/$1"; mkdir -p "$root/$1"; git archive HEAD | tar -x -C "$root/$1"; }

case $mode in
commands | tests)
  inside sh -c 'id visitor 2>/dev/null || useradd -m visitor'
  inside install -d -m 755 "/tmp/essai é"
  for who in ${WHO:-root visitor}; do
    copy "tmp/essai é/$who"
    inside chown -R "$who" "/tmp/essai é/$who"
    as=(setpriv --reuid "$who" --regid "$who" --init-groups env HOME=/tmp)
    case $mode in
    commands) inside "${as[@]}" bash -c "cd '/tmp/essai é/$who'; $answers" sh make run PORT="$port" ;;
    tests) inside "${as[@]}" make -C "/tmp/essai é/$who" test ${WORKERS:+WORKERS="$WORKERS"} ;;
    esac
  done ;;
image)
  copy opt/acquis/app
  inside apt-get update -q
  DEBIAN_FRONTEND=noninteractive inside xargs -a /opt/acquis/app/deploy/packages.txt apt-get install -y -q --no-install-recommends
  inside sh -c 'id acquis 2>/dev/null || useradd --system --uid 900 --home-dir /srv/acquis acquis'
  inside install -d -o acquis -g acquis -m 700 /srv/acquis/data /sauvegardes
  inside python3 -m venv /opt/acquis/venv
  inside /opt/acquis/venv/bin/python -m pip install -q --no-cache-dir --require-hashes --no-deps -r /opt/acquis/app/requirements.lock
  inside /opt/acquis/venv/bin/python -m compileall -q /opt/acquis/app
  as_acquis=(setpriv --reuid acquis --regid acquis --init-groups env DATA=/srv/acquis/data PYTHONUTF8=1 PYTHONDONTWRITEBYTECODE=1 PORT="$port")
  inside "${as_acquis[@]}" sh -c 'cd /opt/acquis/app && /opt/acquis/venv/bin/flask --app wsgi migrate'
  inside "${as_acquis[@]}" bash -c "cd /opt/acquis/app; $answers" sh /opt/acquis/venv/bin/flask --app wsgi serve ;;
*) echo "commands, tests or image" >&2; exit 1 ;;
esac
