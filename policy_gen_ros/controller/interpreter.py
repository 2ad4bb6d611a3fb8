# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Making Python let the control thread run when its time has come."""

from __future__ import annotations

import gc
import sys

_SWITCH_INTERVAL_S = 0.0005


def yield_quickly() -> None:
    """
    Let no thread keep the interpreter for longer than a fraction of a LowCmd period.

    By default another thread may keep it for 5 ms, which is more than two periods.
    """
    sys.setswitchinterval(_SWITCH_INTERVAL_S)


def freeze_garbage() -> None:
    """
    Take what exists now out of the search for garbage: it lives about as long as the process.

    Searching it would hold the control thread for tens of milliseconds each time. So does this
    call: make it before the thread starts.
    """
    gc.collect()
    gc.freeze()
