# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Quality of service of the topics in the contract; parameters ``qos_overrides.*`` change it."""

from policy_gen_ros.deployment.controller.swap import MAX_WAITING
from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy
from rclpy.qos_overriding_options import QoSOverridingOptions

OVERRIDABLE = QoSOverridingOptions.with_default_policies()
"""Depth, history and reliability, as parameters of the node."""

ACTOR_WEIGHTS = QoSProfile(
    history=HistoryPolicy.KEEP_LAST, depth=1, reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.TRANSIENT_LOCAL)
"""A controller that starts late, or again, still gets the newest actor."""
ACTOR_WEIGHTS_INPUT = QoSProfile(
    history=HistoryPolicy.KEEP_LAST, depth=MAX_WAITING, reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.TRANSIENT_LOCAL)
"""The same as it is received: in a queue of one, rubbish would take the place of a sound actor."""
GOALS = QoSProfile(history=HistoryPolicy.KEEP_LAST, depth=50,
                   reliability=ReliabilityPolicy.RELIABLE)
"""Under a flood of malformed messages a queue of 5 lost one sound goal of a hundred."""
STREAM = QoSProfile(history=HistoryPolicy.KEEP_LAST, depth=50,
                    reliability=ReliabilityPolicy.RELIABLE)
"""Robot state at 50 Hz, as it is published: matches every subscription."""
STREAM_INPUT = QoSProfile(history=HistoryPolicy.KEEP_LAST, depth=50,
                          reliability=ReliabilityPolicy.BEST_EFFORT)
"""
The same as it is received: matches every publisher, such as a driver with sensor QoS. A second of
it may wait while a goal is worked on.
"""
COMMAND = QoSProfile(history=HistoryPolicy.KEEP_LAST, depth=1,
                     reliability=ReliabilityPolicy.RELIABLE)
DIAGNOSTICS = QoSProfile(history=HistoryPolicy.KEEP_LAST, depth=10,
                         reliability=ReliabilityPolicy.RELIABLE)
