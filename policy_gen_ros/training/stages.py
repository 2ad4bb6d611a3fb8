# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Trainings in stages: each leaves a file, and a killed training goes on after the last.

Of several processes the first writes, and what is not training is its work alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
import json
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, BinaryIO, TypeVar

from accelerate import PartialState
import numpy as np
from policy_gen_ros.utils.files import write_stream
from policy_gen_ros.utils.progress import note
import torch

_Made = TypeVar('_Made')


def claim_stages(work: Path, run: Mapping[str, object]) -> None:
    """
    Make sure that finished stages in a folder belong to the same run.

    :param run: what makes up the run: archive, settings, seed
    :raises ValueError: stages of another run are there; the message says what differs
    """
    work.mkdir(parents=True, exist_ok=True)
    file, wanted = work / 'run.json', json.loads(json.dumps(run))
    _once(file, lambda: json.dumps(wanted, indent=1).encode(),
          lambda stream, text: stream.write(text))
    found = json.loads(file.read_text())
    if found != wanted:
        differs = ', '.join(name for name in wanted if found.get(name) != wanted[name])
        raise ValueError(f'{work} holds stages of another training ({differs} differ); choose '
                         'another --output or remove it')


def finished(file: Path, make: Callable[[], dict[str, Any]],
             together: bool = False) -> dict[str, Any]:
    """
    Return what a finished stage left, or finish it.

    :param together: all processes of a training make it, as they share gradients; else the first
        makes it for all
    """
    _stage(file, make, lambda stream, made: torch.save(made, stream), together)
    return read_stored(file)


def read_stored(file: Path) -> dict[str, Any]:
    """
    Read what ``torch.save`` wrote into a file of a training.

    :raises ValueError: it is damaged
    """
    try:
        stored: dict[str, Any] = torch.load(file, weights_only=True, map_location='cpu')
    except (RuntimeError, ValueError, EOFError, KeyError, UnpicklingError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise ValueError(f'{file} is damaged ({reason}): remove it, and the same command makes it '
                         'anew') from error
    return stored


def finished_array(file: Path, make: Callable[[], np.ndarray]) -> np.ndarray:
    """Return the array that a finished stage left, or let the first process make it."""
    _stage(file, make, np.save)
    stored: np.ndarray = np.load(file)
    return stored


def leads() -> bool:
    """Whether this is the first, or the only, process of a training."""
    return bool(_processes().is_main_process)


def _stage(file: Path, make: Callable[[], _Made], write: Callable[[BinaryIO, _Made], object],
           together: bool = False) -> None:
    if leads() and file.exists():
        note(f'{file.stem}: made before')
    _once(file, make, write, together)


def _once(file: Path, make: Callable[[], _Made], write: Callable[[BinaryIO, _Made], object],
          together: bool = False) -> None:
    """Make a file unless it is there, and return once all processes can read it."""
    missing = not file.exists()
    _processes().wait_for_everyone()  # before anyone writes, so that all have seen the same
    if not missing:
        return
    if together or leads():
        made = make()
        if leads():
            write_stream(file, lambda stream: write(stream, made))
    _processes().wait_for_everyone()


def _processes() -> PartialState:
    # By default, Accelerate does not look for other processes where there is no GPU.
    return PartialState(cpu=not torch.cuda.is_available())
