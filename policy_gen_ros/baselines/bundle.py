# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
A trained baseline as a folder: ``paper.json`` and ``paper.safetensors``.

Matrices are stored as fp16; vectors, among them scales and centres that reach over many orders of
magnitude, as fp32. Nothing is unpickled.
"""

from __future__ import annotations

from dataclasses import asdict, field
import json
from pathlib import Path
from typing import Any

import numpy as np
from policy_gen_ros.baselines.baseline import Config, CONFIGS
from policy_gen_ros.domains import DEFAULT
from policy_gen_ros.utils.config import checked, ConfigError, configuration, UnknownKeyError
from policy_gen_ros.utils.files import write_text
from policy_gen_ros.utils.tensors import save_tensors
from torch import nn

PAPER_FORMAT = 'policy_gen_ros/paper/1'
INFO_FILE, TENSOR_FILE = 'paper.json', 'paper.safetensors'


class PaperError(ValueError):
    """No baseline there, or one that this version cannot read. The message says which."""


@configuration(frozen=True)
class PaperInfo:
    """
    Contents of ``paper.json``.

    :param kind: ``make_an_agent`` or ``policy_diffusion``
    :param condition_dims: size of the features of each kind of condition
    :param references: training behaviours of each kind of condition whose clock and command lie
        beside the networks
    :param domain: name of the domain of its policies
    :param training_fingerprint: of the archive as training saw it
    :param figures: sizes and errors, for tables
    :param provenance: where the archive comes from
    """

    kind: str
    config: Config
    condition_dims: dict[str, int]
    references: dict[str, int]
    seed: int
    training_fingerprint: str
    text_encoder: str = ''
    domain: str = DEFAULT
    figures: dict[str, Any] = field(default_factory=dict)
    provenance: dict[str, Any] = field(default_factory=dict)
    format: str = PAPER_FORMAT  # noqa: A003


def read_info(folder: Path) -> PaperInfo:
    """
    Read and check ``paper.json``.

    :raises PaperError: not there, unreadable, of another version, or with unknown keys
    """
    file = folder / INFO_FILE
    if not file.is_file():
        raise PaperError(f'no baseline at {folder} (train one with "policy_gen train --preset '
                         'make_an_agent" or "policy_diffusion")')
    try:
        raw = json.loads(file.read_text())
    except ValueError as error:
        raise PaperError(f'{file} is not JSON ({error}): copy it again') from error
    if not isinstance(raw, dict) or raw.get('format') != PAPER_FORMAT:
        found = raw.get('format') if isinstance(raw, dict) else type(raw).__name__
        raise PaperError(f'the baseline at {folder} has format {found!r}, this version reads '
                         f'{PAPER_FORMAT!r}: train it anew')
    kind = raw.get('kind')
    if kind not in CONFIGS:
        raise PaperError(f'{file}: kind is {kind!r:.80}, expected one of {", ".join(CONFIGS)}')
    try:
        config = checked(CONFIGS[kind], raw.get('config'), 'config.')
        return checked(PaperInfo, {**raw, 'config': config})
    except UnknownKeyError as error:
        raise PaperError(f'{file} has {error}: train it anew') from error
    except ConfigError as error:
        raise PaperError(f'{file} is incomplete or malformed ({error}): copy it again') from error


def write_baseline(folder: Path, info: PaperInfo, networks: nn.Module) -> None:
    """Write the folder; the JSON comes last, so that a folder with one is whole."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / INFO_FILE).unlink(missing_ok=True)
    save_tensors({name: value.detach().cpu().numpy().astype(
        np.float16 if value.ndim > 1 else np.float32)
        for name, value in networks.state_dict().items()}, folder / TENSOR_FILE)
    text = json.dumps(asdict(info), indent=1) + '\n'
    write_text(folder / INFO_FILE, text)
