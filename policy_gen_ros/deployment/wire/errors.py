# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The one error of the wire: its message is a line fit for a user."""


class WireError(RuntimeError):
    """The wire to the robot cannot be used, or a frame on it is not what it must be."""
