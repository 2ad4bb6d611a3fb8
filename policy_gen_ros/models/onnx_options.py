# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""How ONNX Runtime runs beside a controller."""

from __future__ import annotations

from typing import Any


def session_options(runtime: Any, threads: int) -> Any:
    """
    Return the options of an inference session.

    :param runtime: the module ``onnxruntime``
    :param threads: for one operator
    """
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    # Threads that spin while they wait would take the controller's core.
    options.add_session_config_entry('session.intra_op.allow_spinning', '0')
    options.log_severity_level = 3
    return options
