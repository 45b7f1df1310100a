#!/bin/sh
# Make the secrets of docker-compose.yml: random ones, in ./secrets (or the folder given). Those that exist stay.
#
# The folder is closed to others; the files in it are readable, for a container reads them as another user.
set -eu
folder=${1:-$(dirname "$0")/../secrets}
umask 077
mkdir -p "$folder"
chmod 700 "$folder"

random() { LC_ALL=C tr -dc 'A-Za-z0-9' </dev/urandom | head -c "$1"; }
keep() { # name, value: only where there is none yet
    [ -e "$folder/$1" ] || printf '%s' "$2" >"$folder/$1"
    chmod 644 "$folder/$1"
}
of() { cat "$folder/$1"; }

keep secret_key "$(random 64)"
keep database_password "$(random 40)"
keep database_url "postgresql://appart:$(of database_password)@db:5432/appart_agent"
keep redis_password "$(random 40)"
keep redis_url "redis://:$(of redis_password)@valkey:6379"
keep valkey_conf "requirepass $(of redis_password)"
keep s3_access_key_id "$(random 20)"
keep s3_secret_access_key "$(random 40)"
keep s3_config "{\"identities\": [{\"name\": \"appart\", \"actions\": [\"Admin\", \"Read\", \"Write\", \"List\", \"Tagging\"],
  \"credentials\": [{\"accessKey\": \"$(of s3_access_key_id)\", \"secretKey\": \"$(of s3_secret_access_key)\"}]}]}"
keep image_api_key ""
keep llm_api_key ""
keep email_url "console://"
keep metrics_token "$(random 40)"
keep sentry_dsn ""
keep otel_headers ""
printf 'Secrets are in %s. For real: put the mail server in email_url, a provider'"'"'s key in image_api_key or llm_api_key.\n' "$folder"
