# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Batches of texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policy_gen_ros.utils.progress import progress


def batches_of_like_length(texts: Sequence[str], batch_size: int) -> Iterator[list[int]]:
    """Yield places of texts; those of like length side by side need little padding."""
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    starts = range(0, len(texts), batch_size)
    # A goal has one sentence and no time for a bar.
    for start in progress(starts, about='sentences', unit='batch') if len(starts) > 1 else starts:
        yield order[start:start + batch_size]
