#!/bin/sh
# Starts PostgreSQL as its own account. New data is made by the variables of the official image: POSTGRES_USER,
# POSTGRES_PASSWORD, POSTGRES_DB (each also as NAME_FILE), POSTGRES_INITDB_ARGS, POSTGRES_INITDB_WALDIR,
# POSTGRES_HOST_AUTH_METHOD, PGDATA, and the *.sql and *.sh of /docker-entrypoint-initdb.d.
set -eu

# from_file NAME DEFAULT: the variable, or what the file that NAME_FILE names holds.
from_file() {
    eval "value=\${$1:-} file=\${$1_FILE:-}"
    if [ -n "$value" ] && [ -n "$file" ]; then
        echo "$1 and $1_FILE are both set: leave one out" >&2
        exit 1
    fi
    [ -z "$file" ] || value=$(cat "$file")
    eval "$1=\${value:-\$2}"
    unset "$1_FILE"
}

binaries=$(echo /usr/lib/postgresql/*/bin)
export PATH="$binaries:$PATH"
export PGDATA="${PGDATA:-/var/lib/postgresql/data}"

case "${1:-postgres}" in
    -*) set -- postgres "$@" ;;
esac
[ "$1" = postgres ] || exec "$@"

if [ "$(id -u)" = 0 ]; then
    from_file POSTGRES_PASSWORD ""
    export POSTGRES_PASSWORD
    mkdir -p "$PGDATA" /var/run/postgresql
    chown postgres:postgres "$PGDATA" /var/run/postgresql
    [ -z "${POSTGRES_INITDB_WALDIR:-}" ] || install -d -o postgres -g postgres -m 700 "$POSTGRES_INITDB_WALDIR"
    chmod 700 "$PGDATA"
    exec setpriv --reuid=postgres --regid=postgres --init-groups sh "$0" "$@"
fi

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    from_file POSTGRES_PASSWORD ""
    from_file POSTGRES_USER postgres
    from_file POSTGRES_DB "$POSTGRES_USER"
    from_file POSTGRES_INITDB_ARGS ""
    method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
    if [ -z "$POSTGRES_PASSWORD" ] && [ "$method" != trust ]; then
        echo "set POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE: the password of the superuser $POSTGRES_USER" >&2
        exit 1
    fi
    # An interrupted start leaves nothing that looks like data.
    find "$PGDATA" -mindepth 1 -delete
    secret=$(mktemp)
    printf '%s\n' "$POSTGRES_PASSWORD" > "$secret"
    # shellcheck disable=SC2086 - arguments that are several words
    initdb --username="$POSTGRES_USER" ${POSTGRES_PASSWORD:+--pwfile="$secret"} --encoding=UTF8 --locale=C.UTF-8 \
        --auth-local=trust --auth-host="$method" ${POSTGRES_INITDB_WALDIR:+--waldir="$POSTGRES_INITDB_WALDIR"} \
        $POSTGRES_INITDB_ARGS
    rm -f "$secret"
    echo "host all all all $method" >> "$PGDATA/pg_hba.conf"

    # First start, reached by nobody from outside: the database, and what the deployment brings.
    pg_ctl --silent --wait --options="-c listen_addresses=''" start
    export PGUSER="$POSTGRES_USER" PGDATABASE=postgres
    [ "$POSTGRES_DB" = postgres ] || createdb --owner="$POSTGRES_USER" "$POSTGRES_DB"
    export PGDATABASE="$POSTGRES_DB"
    for file in /docker-entrypoint-initdb.d/*; do
        case "$file" in
            *.sql) echo "running $file" && psql --quiet --no-psqlrc --set=ON_ERROR_STOP=1 --file="$file" ;;
            *.sh) echo "running $file" && . "$file" ;;
        esac
    done
    pg_ctl --silent --wait --mode=fast stop
fi

unset POSTGRES_PASSWORD
exec "$@" -c listen_addresses='*'
