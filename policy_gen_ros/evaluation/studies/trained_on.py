# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The archive that a bundle was trained on: found, and checked to be that."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from policy_gen_ros.archive.index import training_fingerprint
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.domains.go2.shipped import SHIPPED_INDEX


def archive_of(path: Path | None, provenance: Mapping[str, Any]) -> Archive | None:
    """
    Return the archive that was given, or the package's index if the bundle comes from it.

    :param provenance: of the bundle
    :raises ValueError: what was given is not what the bundle was trained on
    """
    if path:
        archive = Archive(path)
        check_archive(archive, provenance)
        return archive
    archive = Archive(SHIPPED_INDEX)
    trained_on = provenance.get('training_fingerprint')
    return archive if archive.training_fingerprint == trained_on else None


def check_archive(archive: Archive, provenance: Mapping[str, Any]) -> None:
    """
    Make sure that a bundle was trained on what an archive lets training see.

    :param provenance: of the bundle
    :raises ValueError: on something else; the message says whether the archive differs, what is
        held out, or both
    """
    trained_on = provenance.get('training_fingerprint')
    if archive.training_fingerprint == trained_on:
        return
    whole = str(provenance.get('archive_fingerprint'))
    if trained_on is None:
        raise ValueError('the bundle does not say what it was trained on: train it anew')
    wrong = []
    if archive.fingerprint != whole:
        wrong.append(f'{archive.path} (fingerprint {archive.fingerprint}) is not the archive that '
                     f'the bundle was trained on ({whole}){_unlike_itself(archive)}')
    if training_fingerprint(whole, archive.split) != trained_on:
        wrong.append(f'{archive.domain.held_out_file} sets aside something else than when the '
                     'bundle was trained')
    raise ValueError(f'{", and ".join(wrong)}: held-out actors may be training actors of the '
                     'bundle; give what it was trained on')


def _unlike_itself(archive: Archive) -> str:
    """Say whether an archive is not as it was built, which may be all that is wrong with it."""
    if not archive.complete:
        return ', and it is unfinished ("policy_gen archive build" goes on with it)'
    lost = archive.manifest_damage()
    return f', and it is incomplete or damaged: {lost[0]} ("policy_gen archive info" lists all ' \
        'damage)' if lost else ''
