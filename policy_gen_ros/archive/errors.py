# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The error of everything that reads or writes archives."""


class ArchiveError(ValueError):
    """Not an archive of this version, damaged, or without what was asked of it."""
