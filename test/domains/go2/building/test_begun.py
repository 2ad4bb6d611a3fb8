# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Builds go on with the sizes that they were begun with."""

from dataclasses import replace
import json
from pathlib import Path

from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.archive.format import create_archive
from policy_gen_ros.domains import find_domain
from policy_gen_ros.domains.go2.building.config import BasePolicyConfig, BuildConfig, SearchConfig
from policy_gen_ros.domains.go2.building.manifest import config_for, keep_manifest
from policy_gen_ros.domains.go2.shipped import SHIPPED_FOUNDATION
import pytest

OWN = BuildConfig(64, 0, 32, 2, BasePolicyConfig(2, 3, 1, SearchConfig(10), seed=7))


@pytest.fixture
def begun(tmp_path):
    create_archive(tmp_path, find_domain(), 7, 'test')
    keep_manifest(tmp_path, OWN, 'test', from_scratch=True)
    return tmp_path


def test_what_is_not_given_is_the_default_of_a_new_archive(tmp_path):
    assert config_for(tmp_path / 'new', {}) == BuildConfig()
    config = config_for(tmp_path / 'new', {'clones': 64, 'seed': 7, 'generations': 10})
    assert config == BuildConfig(64, foundation=BasePolicyConfig(
        search=SearchConfig(10), seed=7))


def test_what_is_not_given_is_as_the_archive_was_begun(begun):
    assert config_for(begun, {}) == OWN
    assert config_for(begun, {'runs': 3, 'bases': 3}) == replace(
        OWN, runs=3, foundation=replace(OWN.foundation, bases=3))


@pytest.mark.parametrize(('given', 'message'), [
    ({'generations': 11, 'bases': 1}, 'begun with bases 2, not 1; generations 10, not 11: give'),
    ({'clones': 63}, 'begun with --clones 64, and cannot shrink to 63: leave --clones out, or'),
    ({'other_clones': 1, 'specialists': 0}, 'with --specialists 32, and cannot shrink to 0')])
def test_other_foundations_and_smaller_sizes_are_refused(begun, given, message):
    stored = (begun / 'foundation.json').read_bytes()
    with pytest.raises(ArchiveError, match=message):
        keep_manifest(begun, config_for(begun, given), 'other', from_scratch=False)
    assert (begun / 'foundation.json').read_bytes() == stored


def test_a_build_that_goes_on_notes_the_same_bytes(begun):
    stored = (begun / 'foundation.json').read_bytes()
    keep_manifest(begun, OWN, 'test', from_scratch=True)
    assert (begun / 'foundation.json').read_bytes() == stored


def test_a_copy_of_the_shipped_foundation_is_finished_after_a_kill(tmp_path, monkeypatch):
    create_archive(tmp_path, find_domain(), 0, 'test')
    with monkeypatch.context() as killed:
        killed.setattr(Path, 'rename', lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            keep_manifest(tmp_path, BuildConfig(), 'test', from_scratch=False)
    assert not (tmp_path / 'foundation').exists()
    keep_manifest(tmp_path, BuildConfig(), 'test', from_scratch=False)
    assert {file.name for file in (tmp_path / 'foundation').iterdir()} == {
        file.name for file in SHIPPED_FOUNDATION.iterdir()} - {'foundation.json'}
    assert not (tmp_path / 'foundation.partial').exists()


def test_an_archive_without_sizes_asks_for_them(begun):
    file = begun / 'foundation.json'
    stored = json.loads(file.read_text())
    file.write_text(json.dumps({name: value for name, value in stored.items() if name not in (
        'clones', 'other_clones', 'specialists', 'runs', 'chunk_size')}))
    with pytest.raises(ArchiveError, match='begun: give --specialists, --runs as well'):
        config_for(begun, {'clones': 64, 'other_clones': 0})
    sizes = {'clones': 64, 'other_clones': 0, 'specialists': 32, 'runs': 2}
    keep_manifest(begun, config_for(begun, sizes), 'test', from_scratch=False)
    assert config_for(begun, {}) == OWN


def test_what_cannot_be_read_is_named(begun):
    (begun / 'foundation.json').write_text('[1]')
    with pytest.raises(ArchiveError, match=r'foundation.json is not readable .*: copy it again'):
        config_for(begun, {})
