# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
The bundle: a folder with everything that generation needs.

``bundle.json`` (format, domain, sizes, provenance), ``generator.safetensors`` (fp16) and what the
domain needs beside, such as the Go2's ``adaptor.safetensors``. Weights are data: nothing is
unpickled. This module needs no torch, so that the controller can find its adaptor without it.
"""

from __future__ import annotations

from dataclasses import field
import json
from pathlib import Path
from typing import Any

from policy_gen_ros.domains import DEFAULT, DomainError, find_domain
from policy_gen_ros.utils.config import (
    checked,
    ConfigError,
    configuration,
    Count,
    NotNegative,
    NotNegativeCount,
    UnknownKeyError,
)

BUNDLE_FORMAT = 'policy_gen_ros/bundle/2'
_AGAIN, _ANEW = 'copy it again', 'train it anew with "policy_gen train"'


class BundleError(ValueError):
    """No bundle there, or one that this version cannot read. The message says which."""


@configuration(frozen=True)
class BundleInfo:
    """
    Contents of ``bundle.json``.

    :param name: goes into the metadata of every generated actor
    :param domain, domain_version: whose policies it generates
    :param text_encoder: see :func:`policy_gen_ros.models.text_encoder.sentence_encoder`
    :param steps, policy_steps: of the sampler, see :meth:`PolicyGenerator.generate`
    :param takes_text: whether there were captions in its training
    :param provenance: command line, seeds, archive size and training figures
    """

    name: str
    layer_sizes: tuple[Count, ...]
    latent_dim: Count
    rank: Count
    decoder_width: Count
    denoiser_width: Count
    denoiser_blocks: Count
    embedding: Count
    token: Count
    steps: Count
    guidance: NotNegative
    text_dim: NotNegativeCount
    text_encoder: str = ''
    takes_text: bool = True
    policy_steps: Count = 1
    domain: str = DEFAULT
    domain_version: int = 1
    format: str = BUNDLE_FORMAT  # noqa: A003
    provenance: dict[str, Any] = field(default_factory=dict)


def bundle_path(path: str | Path | None = None, domain: str = DEFAULT) -> Path:
    """
    Folder of a bundle; by default the one that is shipped for the domain.

    :raises BundleError: there is none
    """
    folder = Path(path) if path else find_domain(domain).bundle
    if not (folder / 'bundle.json').is_file():
        raise BundleError(f'no bundle at {folder} (train one with "policy_gen train")')
    return folder


def read_info(folder: Path, domain: str | None = None) -> BundleInfo:
    """
    Read and check ``bundle.json``.

    :param domain: that it has to be of; default: any that is installed
    :raises BundleError: unreadable, of another version or domain, with unknown keys, or with
        values of other types
    """
    try:
        raw = json.loads((folder / 'bundle.json').read_text())
    except ValueError as error:
        raise BundleError(f'{folder}/bundle.json is not JSON ({error}): {_AGAIN}') from error
    if not isinstance(raw, dict) or raw.get('format') != BUNDLE_FORMAT:
        found = raw.get('format') if isinstance(raw, dict) else type(raw).__name__
        raise BundleError(f'the bundle at {folder} has format {found!r}, this version reads '
                          f'{BUNDLE_FORMAT!r}: {_ANEW}')
    try:
        info = checked(BundleInfo, raw)
        known = find_domain(info.domain)
    except DomainError as error:
        raise BundleError(f'the bundle at {folder} is of a domain that is not installed: '
                          f'{error}') from error
    except UnknownKeyError as error:
        raise BundleError(f'{folder}/bundle.json has {error}: {_ANEW}') from error
    except ConfigError as error:
        raise BundleError(f'{folder}/bundle.json is malformed ({error}): {_AGAIN}') from error
    if domain not in (None, info.domain):
        raise BundleError(f'the bundle at {folder} is of the domain {info.domain}, expected one '
                          f'of {domain}')
    if info.domain_version != known.version:
        raise BundleError(f'the bundle at {folder} is of version {info.domain_version} of the '
                          f'domain {info.domain}, this version reads {known.version}: {_ANEW}')
    return info
