#!/bin/sh
# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

# Prints a Python 3.10-3.12 that can make virtual environments, or says what is missing.
# usage: find_python.sh [PYTHON]
without_venv=
for python in ${1:-python3 python3.11 python3.12 python3.10}; do
    # Run it: a version manager's shim may exist for a version that is not active.
    "$python" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 12))' \
        2>/dev/null || continue
    if "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        command -v "$python"
        exit 0
    fi
    without_venv=${without_venv:-$python}
done
if [ -n "$without_venv" ]; then
    package=$("$without_venv" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    echo "error: $without_venv cannot make virtual environments; install it with: apt install $package" >&2
else
    echo "error: ${1:-no python} is not a Python 3.10, 3.11 or 3.12; name one with: make setup PYTHON=/path/to/python" >&2
fi
exit 1
