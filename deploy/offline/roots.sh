#!/bin/sh
# roots.sh: for machines that reach no image registry, the two images that the others stand on, from Debian's packages
# alone: dongsheng-base (Python) and dongsheng-postgres-root (PostgreSQL). As root; needs debootstrap and Docker.
#
# Packages come from where this machine's apt has them from. DONGSHENG_SUITE: Debian's suite, by default this machine's.
set -eu

suite=${DONGSHENG_SUITE:-$(. /etc/os-release && echo "$VERSION_CODENAME")}
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Codename: $suite" | head -n 1)
[ -n "$mirror" ] || { echo "apt knows no source of $suite: run apt-get update" >&2; exit 1; }
work=$(mktemp --directory)
trap 'rm -rf "$work"' EXIT

# What a machine has of its own, what only people read, and what can be fetched again.
trim() {
    rm -rf "$1"/var/cache/apt/* "$1"/var/lib/apt/lists/* "$1"/var/log/* "$1"/var/cache/debconf/*-old \
        "$1"/var/cache/ldconfig/* "$1"/var/lib/dpkg/*-old "$1"/tmp/* "$1"/etc/hostname "$1"/etc/resolv.conf \
        "$1"/usr/share/man/* "$1"/usr/share/locale/* "$1"/usr/share/info/*
    find "$1/usr/share/doc" -type f ! -name copyright -delete
    : > "$1/etc/machine-id"
    find "$1" -name __pycache__ -prune -exec rm -rf {} +
    # Nothing is newer than the newest package, so that the same packages make the same image.
    find "$1" -newer "$1/etc/debian_version" -exec touch --no-dereference --reference "$1/etc/debian_version" {} +
}

import() {
    trim "$1"
    tar --sort=name --numeric-owner --directory "$1" --create . | docker import --change 'ENV LANG=C.UTF-8' - "$2" > /dev/null
    echo "$2"
}

debootstrap --variant=minbase --include=ca-certificates "$suite" "$work/base" "$mirror" > "$work/log" 2>&1 \
    || { tail -n 20 "$work/log" >&2; exit 1; }
cp -a "$work/base" "$work/postgres"

install() {
    root=$1
    shift
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    mkdir -p "$root/etc/apt/apt.conf.d"
    DEBIAN_FRONTEND=noninteractive chroot "$root" sh -c '
        apt-get update -qq && apt-get install -qq -y --no-install-recommends -o APT::Sandbox::User=root \
            -o Dpkg::Options::=--force-unsafe-io "$@"' sh "$@" \
        > "$work/log" 2>&1 || { tail -n 20 "$work/log" >&2; exit 1; }
}

install "$work/base" python3 python3-venv
import "$work/base" dongsheng-base
mkdir -p "$work/postgres/etc/postgresql-common"
echo 'create_main_cluster = false' > "$work/postgres/etc/postgresql-common/createcluster.conf"
install "$work/postgres" postgresql
import "$work/postgres" dongsheng-postgres-root
