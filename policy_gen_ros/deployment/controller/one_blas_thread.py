# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Import this before NumPy: it keeps the linear algebra of this process in the calling thread.

The controller's matrices are small. Sharing one among threads gains nothing, and on a busy machine
the control thread then waits 15 ms for the others instead of computing for 0.1 ms.
"""

import os

for _name in ('OPENBLAS_NUM_THREADS', 'OMP_NUM_THREADS', 'MKL_NUM_THREADS'):
    os.environ.setdefault(_name, '1')
