# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Tensors in safetensors files: written whole and for everybody, read with checks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from policy_gen_ros.files import write_whole
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file


def save_tensors(tensors: Mapping[str, np.ndarray], path: Path,
                 metadata: dict[str, str] | None = None) -> None:
    """Write tensors of any shapes and types; the file is whole or absent."""
    def write(partial: Path) -> None:
        save_file({name: np.asarray(value, order='C') for name, value in tensors.items()},
                  partial, metadata)
        partial.chmod(0o644)  # the library makes it readable to its owner alone

    write_whole(path, write)


def load_tensors(path: Path, error: type[ValueError]) -> dict[str, np.ndarray]:
    """
    Read tensors as float32.

    :param error: what is raised where the file cannot be read, or holds values that are not finite
    """
    try:
        tensors = load_file(path)
    except (OSError, SafetensorError) as reason:
        raise error(f'{path} cannot be read: {reason}') from reason
    for name, value in tensors.items():
        if not np.isfinite(value).all():
            raise error(f'{path}: {name} holds values that are not finite')
    return {name: value.astype(np.float32) for name, value in tensors.items()}
