"""Trainings in stages: each leaves a file, and a killed training goes on after the last."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
import json
from pathlib import Path
from typing import Any

from policy_gen_ros.files import write_whole
import torch


def claim_stages(work: Path, run: Mapping[str, object]) -> None:
    """
    Make sure that finished stages in a folder belong to the same run.

    :param run: what makes up the run: archive, settings, seed
    :raises ValueError: stages of another run are there; the message says what differs
    """
    work.mkdir(parents=True, exist_ok=True)
    file, wanted = work / 'run.json', json.loads(json.dumps(run))
    if not file.exists():
        write_whole(file, lambda path: path.write_text(json.dumps(wanted, indent=1)))
    found = json.loads(file.read_text())
    if found != wanted:
        differs = ', '.join(name for name in wanted if found.get(name) != wanted[name])
        raise ValueError(f'{work} holds stages of another training ({differs} differ); choose '
                         'another --output or remove it')


def finished(file: Path, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return what a finished stage left, or finish it."""
    if not file.exists():
        write_whole(file, partial(torch.save, make()))
    stored: dict[str, Any] = torch.load(file, weights_only=True)
    return stored
