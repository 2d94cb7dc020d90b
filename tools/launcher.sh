#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Writes .venv/bin/neuraxis and .venv/bin/neuraxis-env, which work with nothing sourced.
# Usage: tools/launcher.sh ROOT sourced|wheels
set -euo pipefail

root=$1
ros=$2
venv="$root/.venv"
version=$("$venv/bin/python" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
site="lib/$version/site-packages"

join() { local IFS=:; printf '%s' "$*"; }

ros_part() {
  if [ "$ros" = sourced ]; then
    printf '. %q\n' "$root/install/setup.sh"
  else
    printf 'export AMENT_PREFIX_PATH=%q\n' "$(join "$root/install" "$venv")"
    printf 'export LD_LIBRARY_PATH=%q"${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"\n' \
      "$(join "$root/install/lib" "$venv/lib" "$venv/$site"/ros_*.libs)"
    printf 'export RMW_IMPLEMENTATION=rmw_fastrtps_cpp ROS_DISTRO=jazzy\n'
    printf 'export _ROS_WHEELS_BOOTSTRAP_COMPLETE=1\n'
  fi
}

cat >"$venv/bin/neuraxis-env" <<EOF
#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs a command in the environment of this checkout; written by tools/launcher.sh.
$(ros_part)
export VIRTUAL_ENV=$(printf %q "$venv")
export PATH="\$VIRTUAL_ENV/bin:\$PATH"
export PYTHONPATH=$(printf %q "$(join "$root" "$root/install/$site")")"\${PYTHONPATH:+:\$PYTHONPATH}"
export FASTRTPS_DEFAULT_PROFILES_FILE=$(printf %q "$root/config/fastdds_loopback.xml")
export ROS_AUTOMATIC_DISCOVERY_RANGE=SYSTEM_DEFAULT
export MUJOCO_GL="\${MUJOCO_GL:-egl}"
export OMP_NUM_THREADS="\${OMP_NUM_THREADS:-1}"
exec "\$@"
EOF

cat >"$venv/bin/neuraxis" <<EOF
#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
exec $(printf %q "$venv/bin/neuraxis-env") $(printf %q "$venv/bin/python") -m neuraxis_cli "\$@"
EOF

chmod +x "$venv/bin/neuraxis" "$venv/bin/neuraxis-env"
