#!/bin/sh
# containers.sh: builds the images dongsheng and dongsheng-postgres. Where an image registry is reached, or its images are
# here, on python:3.11-slim and with the official postgres; else on what deploy/offline/roots.sh makes.
# PYTHON: an interpreter with pip, as old as the image's, which fetches the wheels.
set -eu
cd "$(dirname "$0")/../.."
export DOCKER_BUILDKIT=0

here() { docker image inspect "$1" > /dev/null 2>&1; }

# Wheels are fetched here, since a build has no network on machines without a registry.
mkdir -p build/wheels
for lock in deploy/requirements.lock deploy/backend.lock; do
    "$PYTHON" -m pip download --quiet --disable-pip-version-check --require-hashes --only-binary :all: --no-deps \
        --find-links build/wheels --dest build/wheels --requirement "$lock"
done

if [ -z "${DONGSHENG_OFFLINE:-}" ] && { here python:3.11-slim || docker pull --quiet python:3.11-slim; } > /dev/null 2>&1 \
    && { here postgres:18 || docker pull --quiet postgres:18; } > /dev/null 2>&1; then
    base=python:3.11-slim
    docker tag postgres:18 dongsheng-postgres
else
    base=dongsheng-base
    here dongsheng-base && here dongsheng-postgres-root || sh deploy/offline/roots.sh
    docker build --quiet --network none --file deploy/offline/postgres.Dockerfile --tag dongsheng-postgres .
fi
docker build --quiet --network none --build-arg BASE="$base" --build-arg PIP_NO_INDEX=1 \
    --file deploy/Dockerfile --tag dongsheng .
