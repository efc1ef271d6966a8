#!/bin/sh
# secrets.sh FOLDER: the secrets of the set in the cluster, from the folder that `python -m deploy.place secrets` has made. Again
# brings them up to date; a process has new settings when it is replaced (kubectl rollout restart), keys and clients by themselves.
set -eu
cd "$1"
NAMESPACE=${NAMESPACE:-dongsheng}

keep() { # keep NAME KEY=FILE …
  name=$1
  shift
  for file; do set -- "$@" "--from-file=$file"; shift; done
  kubectl --namespace "$NAMESPACE" create secret generic "$name" "$@" --dry-run=client --output=yaml | apply
}
apply() { kubectl apply --server-side --force-conflicts --filename=-; }

kubectl create namespace "$NAMESPACE" --dry-run=client --output=yaml | apply
for part in parts/*; do keep "${part#parts/}" "settings=$part"; done
keep keys keys/signing.pem keys/public/jwks.json
keep public-keys keys/public/jwks.json
keep clients clients.yaml
keep console-key secrets/console.assertion-key
keep prepare run.env secrets/*.database-password
