# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The SROS 2 policy allows what the running nodes use, and nothing that they do not."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from node_harness import Stack
import pytest

POLICY = Path(__file__).parents[2] / 'config' / 'sros2_policy.xml'
OPTIONAL = {'/clock', '/parameter_events'}
"""Used where a node takes its time from a topic, and by tools."""


def allowed(node: str, kind: str, direction: str) -> set[str]:
    """Absolute names that a node's profile allows."""
    profile = ElementTree.parse(POLICY).find(f".//enclave[@path='/{node}']//profile")
    assert profile is not None and profile.get('node') == node
    names = {entry.text or '' for group in profile.findall(f'{kind}s')
             if group.get(direction) == 'ALLOW' for entry in group.findall(kind)}
    return {f'/{node}/{name[2:]}' if name.startswith('~/') else f'/{name.lstrip("/")}'
            for name in names}


@pytest.mark.parametrize('node', ['policy_generator', 'locomotion_controller'])
def test_what_nodes_use_is_allowed_and_nothing_else(stack: Stack, node: str) -> None:
    user = stack.user.node
    for kind, direction, query in (
            ('topic', 'publish', user.get_publisher_names_and_types_by_node),
            ('topic', 'subscribe', user.get_subscriber_names_and_types_by_node),
            ('service', 'reply', user.get_service_names_and_types_by_node),
            ('service', 'request', user.get_client_names_and_types_by_node)):
        used = {name for name, _ in query(node, '/')}
        may = allowed(node, kind, direction)
        assert used - OPTIONAL <= may, f'{node} may not {direction}'
        assert may - OPTIONAL - used <= {f'/{node}/get_type_description'}, f'never {direction}'


def test_the_operator_speaks_to_nodes_that_listen() -> None:
    heard = {name for node in ('policy_generator', 'locomotion_controller')
             for name in allowed(node, 'topic', 'subscribe')}
    answered = {name for node in ('policy_generator', 'locomotion_controller')
                for name in allowed(node, 'service', 'reply')}
    assert allowed('operator', 'topic', 'publish') - heard == {'/rosout'}
    assert allowed('operator', 'service', 'request') <= answered
    assert '/actor_weights' not in allowed('operator', 'topic', 'publish')
