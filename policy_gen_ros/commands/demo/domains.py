# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Free DDS domains on this machine, so that a demo meets no robot and no other program."""

from __future__ import annotations

import random
import socket

HIGHEST_DOMAIN = 100
"""Above 101 the ports of DDS run into the range from which Linux gives out ports of its own."""
_PORT_BASE, _DOMAIN_GAIN, _UNICAST_OFFSET = 7400, 250, 10


def free_domains(count: int) -> list[int]:
    """
    Different domains in which nobody on this machine takes part.

    :raises OSError: there are not so many
    """
    order = list(range(2, HIGHEST_DOMAIN + 1))
    random.SystemRandom().shuffle(order)  # two demos started at once must not choose alike
    found = []
    for domain in order:
        if _is_free(domain):
            found.append(domain)
        if len(found) == count:
            return found
    raise OSError(f'{count} free DDS domains are needed, {len(found)} were found: end other '
                  'programs that use DDS')


def _is_free(domain: int) -> bool:
    """Whether the ports of multicast discovery and of the first participant can be bound."""
    base = _PORT_BASE + _DOMAIN_GAIN * domain
    for port in (base, base + _UNICAST_OFFSET):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind(('', port))
            except OSError:
                return False
    return True
