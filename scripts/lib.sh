# Shared by ./demo and ./check; bash, sourced from the repository root.

set -euo pipefail
export LC_ALL=C.UTF-8

say() { printf '%s\n' "$*"; }
fail() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# Runs a command as root: as it is, or through sudo.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# packages SECTION: the names listed under [SECTION] in scripts/debian-packages.txt.
packages() {
    sed -n "/^\[$1\]/,/^\[/p" scripts/debian-packages.txt | grep -v -e '^\[' -e '^#' -e '^$'
}

is_installed() {
    # A Node that is there already is as good as Debian's: it must not be replaced.
    case $1 in
    nodejs) node -e 'process.exit(parseInt(process.versions.node) < 18)' 2>/dev/null && return ;;
    npm) npm --version >/dev/null 2>&1 && return ;;
    esac
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# install_packages SECTION…: installs what is missing, and asks the network only then.
install_packages() {
    local section package missing=()
    for section in "$@"; do
        for package in $(packages "$section"); do
            is_installed "$package" || missing+=("$package")
        done
    done
    [ ${#missing[@]} = 0 ] && return
    say "installing ${missing[*]}"
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# install_modules FOLDER: what its package-lock.json pins, unless that is there already. No
# package's own scripts run.
install_modules() {
    local stamp=$1/node_modules/.package-lock.json
    [ -e "$stamp" ] && [ ! "$1/package-lock.json" -nt "$stamp" ] && return
    say "installing $1/node_modules"
    npm --prefix "$1" ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
}

# build_release TARGET…
build_release() {
    mkdir -p build
    [ -e build/release/build.ninja ] || cmake --preset release >build/configure.log 2>&1 \
        || { tail -n 20 build/configure.log >&2; fail "configuring failed"; }
    cmake --build build/release --target "$@"
}

# json_field NAME < LINES: the value of a field in the last JSON line that has it.
json_field() { sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p" | tail -n 1; }
