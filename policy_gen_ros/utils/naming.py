# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Names that nobody knows."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches


def suggest(name: object, known: Sequence[str]) -> str:
    """Return the end of a message about an unknown name: the nearest known one, or all."""
    closest = get_close_matches(str(name), known, n=1)
    return f'; did you mean {closest[0]!r}?' if closest else f' (known: {", ".join(known)})'
