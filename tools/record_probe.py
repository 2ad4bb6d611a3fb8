# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Draw the controller's probe from an archive: observations that its actors met while walking.

    python tools/record_probe.py archives/go2
"""

from __future__ import annotations

from pathlib import Path
import sys

import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.deployment.controller.swap import PROBE_FILE
from policy_gen_ros.utils.tensors import save_tensors

ROWS = 256


def main() -> None:
    """Write the file next to the module that reads it."""
    training = Archive(Path(sys.argv[1])).training()
    met = training.probe[:]
    met = met.reshape(-1, met.shape[-1])
    rows = np.random.default_rng(0).choice(len(met), ROWS, replace=False)
    save_tensors({'observations': met[rows]}, PROBE_FILE)
    print(f'wrote {PROBE_FILE}: {ROWS} of {len(met)} observations')


if __name__ == '__main__':
    main()
