# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Builds go on with the sizes that they were begun with."""

from functools import reduce
from pathlib import Path
import re

from policy_gen_ros.archive.build_manifest import flat, recorded_config
from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.archive.format import create_archive
from policy_gen_ros.domains import find_domain
from policy_gen_ros.domains.go2.building.config import Go2ArchiveConfig
from policy_gen_ros.domains.go2.building.manifest import keep_manifest, SIZES
from policy_gen_ros.domains.go2.shipped import SHIPPED_FOUNDATION
from policy_gen_ros.utils.config import to_dict, updated
import pytest

OWN = updated(Go2ArchiveConfig(), {
    'seed': 7, 'clones': 64, 'specialists': 32, 'runs': 2,
    'search': {'generations': 10}, 'from_scratch': True})


def files(folder):
    return {str(file.relative_to(folder)) for file in folder.rglob('*') if file.is_file()}


@pytest.fixture
def archive(tmp_path):
    create_archive(tmp_path, find_domain(), 7, 'test')
    keep_manifest(tmp_path, OWN, 'test')
    return tmp_path


def test_a_build_goes_on_as_it_was_begun(archive, tmp_path):
    assert recorded_config(archive, Go2ArchiveConfig()) == OWN
    assert recorded_config(tmp_path / 'new', Go2ArchiveConfig()) == Go2ArchiveConfig()


@pytest.mark.parametrize(('given', 'message'), [
    ({'search': {'generations': 11}, 'robust': {'ramp_stages': 9}},
     'begun with robust.ramp_stages 10, not 9; search.generations 10, not 11: give'),
    ({'clones': 63}, 'begun with clones 64, and cannot shrink to 63: leave clones out, or'),
    ({'runs': 3, 'specialists': 0}, 'with specialists 32, and cannot shrink to 0')])
def test_other_foundations_and_smaller_sizes_are_refused(archive, given, message):
    stored = (archive / 'foundation.json').read_bytes()
    with pytest.raises(ArchiveError, match=message):
        keep_manifest(archive, updated(OWN, given), 'other')
    assert (archive / 'foundation.json').read_bytes() == stored


def test_a_build_that_goes_on_notes_the_same_bytes(archive):
    stored = (archive / 'foundation.json').read_bytes()
    keep_manifest(archive, OWN, 'test')
    assert (archive / 'foundation.json').read_bytes() == stored


def test_a_copy_of_the_shipped_foundation_is_finished_after_a_kill(tmp_path, monkeypatch):
    create_archive(tmp_path, find_domain(), 0, 'test')
    with monkeypatch.context() as killed:
        killed.setattr(Path, 'rename', lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            keep_manifest(tmp_path, Go2ArchiveConfig(), 'test')
    assert not (tmp_path / 'foundation').exists()
    keep_manifest(tmp_path, Go2ArchiveConfig(), 'test')
    assert files(tmp_path / 'foundation') == files(SHIPPED_FOUNDATION) - {'foundation.json'}
    assert not (tmp_path / 'foundation.partial').exists()


def test_another_base_policy_learns_from_the_shipped_nominal_one(tmp_path, capsys):
    create_archive(tmp_path, find_domain(), 0, 'test')
    own = updated(Go2ArchiveConfig(), {'robust': {'ramp_stages': 9}})
    keep_manifest(tmp_path, own, 'test')
    assert files(tmp_path / 'foundation') == {
        f'nominal/{name}' for name in files(SHIPPED_FOUNDATION / 'nominal')}
    assert 'anew from the nominal one, as those of the package have robust.ramp_stages 10, not 9' \
        in capsys.readouterr().err


@pytest.mark.parametrize(('stored', 'message'), [
    ('[1]', 'foundation.json is not readable .*: copy it again'),
    ('{"clones": 64, "bases": 3}', 'says no settings, as in versions before 0.2'),
    ('{"config": {"legs": 6}}', 'unknown setting legs.*of another version'),
    ('{"config": {"clones": 0}}', 'clones is 0: Input should be .*of another version')])
def test_a_manifest_of_something_else_is_named(archive, stored, message):
    (archive / 'foundation.json').write_text(stored)
    with pytest.raises(ArchiveError, match=message):
        recorded_config(archive, Go2ArchiveConfig())


@pytest.mark.parametrize('name', [name for name in flat(to_dict(Go2ArchiveConfig()))
                                  if name not in SIZES])
def test_no_setting_changes_unnoticed(archive, name):
    """Each setting, one by one: what it made is not taken for what another value would make."""
    *outer, last = name.split('.')
    changed = to_dict(OWN)
    place = reduce(dict.__getitem__, outer, changed)
    place[last] = other_value(place[last])
    with pytest.raises(ArchiveError, match=f'was begun with {re.escape(name)} '):
        keep_manifest(archive, updated(OWN, changed), 'test')


def other_value(value):
    """Return a value that the setting may have as well."""
    if isinstance(value, bool):
        return not value
    if value is None:
        return [0.1, 0.2]  # a range
    if value == []:
        return ['elliptic']
    if isinstance(value, str):
        return 'menagerie'
    if isinstance(value, list):
        return [other_value(value[0]), *value[1:]]
    if isinstance(value, int):
        return value + 1
    return value / 2 if value else 0.5
