# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The modes of the locomotion runtime, and what can be asked of it, by name."""

PASSIVE, STANDING_UP, STANDING, WALKING, LYING_DOWN, DAMPING, FAULT = (
    'passive', 'standing_up', 'standing', 'walking', 'lying_down', 'damping', 'fault')
GUARDED_MODES = (STANDING_UP, STANDING, WALKING, LYING_DOWN)
REQUESTS = ('stand', 'stop', 'lie_down', 'damp', 'activate')
