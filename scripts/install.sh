#!/bin/sh
# Installs the locked packages and listgen itself: scripts/install.sh PYTHON VENV [dev]
#
# uv does it in seconds; pip, which installs uv, does the same in minutes where uv is not to be had. Both refuse a file whose
# hash is not in the lock. uv takes the package index and the certificates from pip's settings and the machine's.
set -eu
python=$1 venv=$2 kind=${3:-runtime}
log="$venv/install.log"
locks=requirements.lock
# Whoever has the developers' packages or the driver for PostgreSQL keeps them when the locks change.
if [ "$kind" = dev ] || [ -x "$venv/bin/pytest" ]; then locks="$locks requirements-dev.lock"; fi
if [ -n "$(find "$venv" -maxdepth 5 -type d -name psycopg 2> /dev/null)" ]; then locks="$locks requirements-postgres.lock"; fi
count=$(cat $locks | grep -c '^[a-z0-9]')

command -v "$python" > /dev/null || { echo "$python is needed; name another with: make PYTHON=python3.12"; exit 2; }
[ -x "$venv/bin/pip" ] || { echo "1/3 making $venv"; "$python" -m venv "$venv"; }
pip="$venv/bin/python -m pip --disable-pip-version-check"

echo "2/3 installing $count locked packages (their download is the longest part of a first time)"
if $pip install --quiet --no-deps --require-hashes --only-binary :all: -r requirements-uv.lock 2> "$log"; then
  uv="$venv/bin/uv"
  export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-true}" VIRTUAL_ENV="$venv"
  index=${PIP_INDEX_URL:-$($pip config get global.index-url 2> /dev/null || true)}
  if [ -n "$index" ] && [ -z "${UV_DEFAULT_INDEX:-}" ]; then export UV_DEFAULT_INDEX="$index"; fi
else
  uv=""
fi

with_uv() {
  [ -n "$uv" ] || return 1
  # On a terminal uv draws its progress; elsewhere its three lines of summary are enough.
  if [ -t 2 ]; then "$uv" pip sync --require-hashes $locks; return; fi
  "$uv" pip sync --require-hashes $locks 2>> "$log" && grep -E '^(Resolved|Prepared|Installed|Uninstalled|Audited) ' "$log"
}

if ! with_uv; then
  cat "$log"
  echo "uv could not do it; pip does, which takes minutes"
  options="--no-deps --require-hashes"
  for lock in $locks; do options="$options -r $lock"; done
  $pip install $options
fi

echo "3/3 installing listgen"
if [ -n "$uv" ]; then
  "$uv" pip install --quiet --no-deps --no-build-isolation -e .
else
  $pip install --quiet --no-deps --no-build-isolation -e .
fi
