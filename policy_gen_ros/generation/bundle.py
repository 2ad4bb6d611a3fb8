# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
The bundle: a folder with everything that generation needs.

``bundle.json`` (format, sizes, provenance), ``generator.safetensors`` (fp16) and
``adaptor.safetensors``. Weights are data: nothing is unpickled. This module needs no torch, so
that the controller can find its adaptor without it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
import json
from pathlib import Path
from typing import Any

FORMAT = 'policy_gen_ros/bundle/2'
ADAPTOR_FILE = 'adaptor.safetensors'
CALM_FILE = 'calm.safetensors'
"""An actor that steps on the spot, with which the controller ends a walk."""
_AGAIN, _ANEW = 'copy it again', 'train it anew with "policy_gen train"'
SHIPPED = Path(__file__).resolve().parents[1] / 'domains' / 'go2' / 'bundle'


class BundleError(ValueError):
    """No bundle there, or one that this version cannot read. The message says which."""


@dataclass(frozen=True)
class BundleInfo:
    """
    Contents of ``bundle.json``.

    :param name: goes into the metadata of every generated actor
    :param text_encoder: see :class:`policy_gen_ros.models.text_encoder.SentenceEncoder`
    :param provenance: command line, seeds, archive size and training figures
    """

    name: str
    layer_sizes: tuple[int, ...]
    latent_dim: int
    rank: int
    decoder_width: int
    denoiser_width: int
    denoiser_blocks: int
    embedding: int
    token: int
    steps: int
    guidance: float
    text_dim: int
    text_encoder: str = ''
    format: str = FORMAT  # noqa: A003
    provenance: dict[str, Any] = field(default_factory=dict)


def bundle_path(path: str | Path | None = None) -> Path:
    """
    Folder of a bundle; the shipped one by default.

    :raises BundleError: there is none
    """
    folder = Path(path) if path else SHIPPED
    if not (folder / 'bundle.json').is_file():
        raise BundleError(f'no bundle at {folder} (train one with "policy_gen train")')
    return folder


def read_info(folder: Path) -> BundleInfo:
    """
    Read and check ``bundle.json``.

    :raises BundleError: unreadable, of another version, or with unknown keys
    """
    try:
        raw = json.loads((folder / 'bundle.json').read_text())
    except ValueError as error:
        raise BundleError(f'{folder}/bundle.json is not JSON ({error}): {_AGAIN}') from error
    if not isinstance(raw, dict) or raw.get('format') != FORMAT:
        found = raw.get('format') if isinstance(raw, dict) else type(raw).__name__
        raise BundleError(f'the bundle at {folder} has format {found!r}, this version reads '
                          f'{FORMAT!r}: {_ANEW}')
    unknown = sorted(set(raw) - {f.name for f in fields(BundleInfo)})
    if unknown:
        raise BundleError(f'{folder}/bundle.json has unknown keys {unknown}: {_ANEW}')
    try:
        return BundleInfo(**{**raw, 'layer_sizes': tuple(raw['layer_sizes'])})
    except (TypeError, KeyError) as error:
        raise BundleError(f'{folder}/bundle.json is incomplete ({error}): {_AGAIN}') from error
