# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Tensors in safetensors files: written whole and always the same, read with checks."""

from __future__ import annotations

from collections.abc import Mapping
import json
from pathlib import Path

import numpy as np
from policy_gen_ros.utils.files import refuse_pointer, write_bytes
from safetensors import SafetensorError
from safetensors.numpy import load_file, save


def to_safetensors(tensors: Mapping[str, np.ndarray],
                   metadata: Mapping[str, str] | None = None) -> bytes:
    """
    Serialise tensors of any shapes and types, the same ones always to the same bytes.

    The library itself writes metadata in an order that changes from process to process.
    """
    blob = save({name: np.asarray(value, order='C') for name, value in tensors.items()},
                dict(metadata) if metadata else None)
    if not metadata:
        return blob
    start = 8 + int.from_bytes(blob[:8], 'little')
    header = {**json.loads(blob[8:start]), '__metadata__': dict(sorted(metadata.items()))}
    text = json.dumps(header, ensure_ascii=False, separators=(',', ':')).encode()
    text += b' ' * (-len(text) % 8)  # tensors begin at whole words, as the format recommends
    return len(text).to_bytes(8, 'little') + text + blob[start:]


def save_tensors(tensors: Mapping[str, np.ndarray], path: Path,
                 metadata: Mapping[str, str] | None = None) -> None:
    """Write tensors of any shapes and types; the file is whole or absent."""
    write_bytes(path, to_safetensors(tensors, metadata))


def load_tensors(path: Path, error: type[ValueError]) -> dict[str, np.ndarray]:
    """
    Read tensors as float32.

    :param error: what is raised where the file cannot be read, or holds values that are not finite
    """
    refuse_pointer(path, error)
    try:
        tensors = load_file(path)
    except (OSError, SafetensorError) as reason:
        raise error(f'{path} cannot be read: {reason}') from reason
    for name, value in tensors.items():
        if not np.isfinite(value).all():
            raise error(f'{path}: {name} holds values that are not finite')
    return {name: value.astype(np.float32) for name, value in tensors.items()}
