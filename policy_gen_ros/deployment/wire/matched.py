# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
How many endpoints were found on the other side; release 0.10 of the binding cannot say.

Annotations are evaluated here, unlike elsewhere: the binding reads the C types from them.
"""

import ctypes as ct

from cyclonedds.internal import c_call, DDS, dds_c_t


class Matched(DDS):
    """Calls of the C library, with a null buffer: they only count."""

    @c_call('dds_get_matched_publications')
    def writers(self, reader: dds_c_t.entity, handles: ct.c_void_p,  # type: ignore[valid-type]
                size: ct.c_size_t) -> dds_c_t.returnv:  # type: ignore[valid-type]
        """Count the writers that feed a reader."""

    @c_call('dds_get_matched_subscriptions')
    def readers(self, writer: dds_c_t.entity, handles: ct.c_void_p,  # type: ignore[valid-type]
                size: ct.c_size_t) -> dds_c_t.returnv:  # type: ignore[valid-type]
        """Count the readers that a writer feeds."""


MATCHED = Matched(0)
