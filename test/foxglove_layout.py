# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Whether what a Foxglove layout shows is in a recording."""

from __future__ import annotations

from collections.abc import Iterator
import json
from pathlib import Path
import re
from typing import Any

from rosbags.highlevel import AnyReader
from rosbags.interfaces import Nodetype

# /topic, then .field, [index], [:] and {field=="text"}: what the layout uses of Foxglove's syntax.
_PART = re.compile(r'\.(?P<name>\w+)|\[(?P<index>\d+)\]|(?P<all>\[:\])|'
                   r'\{(?P<key>\w+)=="(?P<text>[^"]*)"\}')


def panels(layout: dict[str, Any]) -> list[str]:
    """Ids of the panels in the tree of splits, in order."""
    def walk(node: Any) -> Iterator[str]:
        if isinstance(node, str):
            yield node
        else:
            assert set(node) == {'first', 'second', 'direction', 'splitPercentage'}
            assert node['direction'] in ('row', 'column') and 0 < node['splitPercentage'] < 100
            yield from (*walk(node['first']), *walk(node['second']))

    return list(walk(layout['layout']))


def message_paths(layout: dict[str, Any]) -> list[str]:
    """Everything that the panels look at; of a whole topic its name."""
    found = []
    for config in layout['configById'].values():
        found += [path['value'] for path in config.get('paths', [])]
        found += [config['topicToRender']] if 'topicToRender' in config else []
    return found


def paths_without_values(layout_file: Path, bag: Path) -> list[str]:
    """
    Look up every path of a layout.

    Of a topic that nobody spoke on, the fields of its type count.
    """
    layout = json.loads(layout_file.read_text())
    assert sorted(panels(layout)) == sorted(layout['configById'])
    missing = []
    with AnyReader([bag]) as reader:
        for path in message_paths(layout):
            topic = re.match(r'[/\w]+', path).group()
            connections = [entry for entry in reader.connections if entry.topic == topic]
            messages = (reader.deserialize(raw, connection.msgtype) for connection, _, raw in (
                reader.messages(connections) if connections else ()))
            kinds = {entry.msgtype for entry in connections if not entry.msgcount}
            if not any(_resolve(message, path[len(topic):]) for message in messages) and not any(
                    _has_fields(reader.typestore, kind, path[len(topic):]) for kind in kinds):
                missing.append(path)
    return missing


def _resolve(message: Any, parts: str) -> list[Any]:
    values = [message]
    while parts:
        part = _PART.match(parts)
        assert part, f'{parts} is not understood'
        parts = parts[part.end():]
        if part['name']:
            values = [getattr(value, part['name']) for value in values
                      if hasattr(value, part['name'])]
        elif part['index']:
            values = [value[int(part['index'])] for value in values
                      if len(value) > int(part['index'])]
        elif part['all']:
            values = [item for value in values for item in value]
        else:
            values = [value for value in values if getattr(value, part['key']) == part['text']]
    return values


def _has_fields(types: Any, kind: str, parts: str) -> bool:
    for name in parts.split('.')[1:]:
        described = dict(types.fielddefs[kind][1]).get(name) if kind else None
        if described is None:
            return False
        kind = described[1] if described[0] == Nodetype.NAME else ''
    return True
