#!/bin/sh
# Makes the secrets of deploy/compose.yml, each in a file of deploy/compose/secrets/. What is there already stays.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets
cd secrets

make() {
  if [ -s "$1" ]; then
    cat >/dev/null
    return
  fi
  cat >"$1"
  echo "made secrets/$1"
}
random() { openssl rand -hex 24; }

random | make mongodb-root-password
random | make mongodb-password
random | make mongodb-setup-password
random | make postgresql-password
random | make health-token
openssl rand -hex 32 | make audit-keys
openssl rand -base64 32 | make connections-keys
openssl rand -base64 741 | make mongodb-keyfile
echo "mongodb://kipu:$(cat mongodb-password)@mongodb:27017/kipu_referrals?replicaSet=rs0&authSource=kipu_referrals" | make mongodb-uri
echo "mongodb://kipu-setup:$(cat mongodb-setup-password)@mongodb:27017/kipu_referrals?replicaSet=rs0&authSource=kipu_referrals" | make mongodb-setup-uri
printf '[profile.default]\naddress = "temporal:7233"\nnamespace = "default"\n' | make temporal.toml

# Each container reads its files as a user of its own. On this host the folder is closed to everybody but its owner.
chmod 444 ./*
