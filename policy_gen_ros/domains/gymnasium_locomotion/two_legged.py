# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.
"""Words that all robots on a right and a left foot share, as parts of a Vocabulary."""

FEET = {'contact_right': ('the right foot',), 'contact_left': ('the left foot',)}
TOGETHER: dict[tuple[str, ...], tuple[str, ...]] = {
    ('contact_right', 'contact_left'): ('both feet',)}
ON_ONE_FOOT = (('hop', 'hops', 'hopping'), ('limp', 'limps', 'limping'),
               ('move', 'moves', 'moving'))
"""Verbs."""
TAILS = {
    'both feet': ('on both feet', 'on two legs'),
    'right foot': ('on the right foot', 'on the right leg'),
    'left foot': ('on the left foot', 'on the left leg'),
    'neither foot': ('barely touching the ground', 'on neither foot')}
MORE_TAILS = {
    'both feet': ('with both feet', 'on two feet', 'on both legs', 'on its feet'),
    'right foot': ('on its right foot', 'on its right leg', 'with the right leg only'),
    'left foot': ('on its left foot', 'on its left leg', 'with the left leg only'),
    'neither foot': ('on no foot', 'without the feet')}
