# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
ONNX exports on disk: a manifest, one graph a part and batch size, weights that all graphs share.

An export belongs to one bundle, by hash. It lies in the folder ``onnx`` of that bundle, where
``policy_gen export`` can put it, else in the user's cache, where it is made on first use: the
shipped bundle may lie where nobody may write, and what is kept by its hash never becomes stale.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
import hashlib
import json
import os
from pathlib import Path
import tempfile
from typing import Any

from policy_gen_ros.generation.engine import EngineError
from policy_gen_ros.utils.config import checked, configuration
from policy_gen_ros.utils.files import whole_folder, write_text

ONNX_FORMAT = 'policy_gen_ros/onnx/1'
MANIFEST, WEIGHTS, TOKENIZER = 'onnx.json', 'weights.bin', 'tokenizer.json'
SENTENCE, TRAJECTORY, CONDITION, DENOISER, DECODER = (
    'sentence', 'trajectory', 'condition', 'denoiser', 'decoder')


@configuration(frozen=True)
class Graph:
    """
    One graph: a part of the generator at fixed shapes.

    :param inputs: shape of each, in order; the first number is the batch
    """

    part: str
    file: str
    inputs: dict[str, list[int]]
    output: list[int]


@configuration(frozen=True)
class OnnxManifest:
    """
    Contents of ``onnx.json``.

    :param bundle_sha256: of the bundle that the graphs were made from, see :func:`bundle_hash`
    :param sizes: bytes of each file
    :param made_with: versions of what exported it
    """

    bundle: str
    bundle_sha256: str
    opset: int
    graphs: tuple[Graph, ...]
    sizes: dict[str, int]
    made_with: dict[str, str]
    format: str = ONNX_FORMAT  # noqa: A003

    def of(self, part: str) -> list[Graph]:
        """Graphs of one part, smallest shapes first."""
        return sorted((g for g in self.graphs if g.part == part),
                      key=lambda graph: list(graph.inputs.values()))


def bundle_hash(bundle: Path) -> str:
    """Hash of what a bundle generates with."""
    digest = hashlib.sha256()
    for name in ('bundle.json', 'generator.safetensors'):
        digest.update(hashlib.sha256((bundle / name).read_bytes()).digest())
    return digest.hexdigest()


def read_manifest(folder: Path, bundle: Path) -> OnnxManifest:
    """
    Read the manifest of an export and check that it is whole and made from this bundle.

    :raises EngineError: no export, one of another bundle or version, or a damaged one
    """
    cure = f'make it anew with "policy_gen export --bundle {bundle} -o {folder}"'
    try:
        raw: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
        if raw.get('format') != ONNX_FORMAT:
            raise EngineError(f'the ONNX export at {folder} has format {raw.get("format")!r}, '
                              f'this version reads {ONNX_FORMAT!r}; {cure}')
        manifest = checked(OnnxManifest, raw)
    except FileNotFoundError:
        raise EngineError(f'no ONNX export at {folder}; {cure}') from None
    except EngineError:
        raise
    except (ValueError, AttributeError) as error:
        raise EngineError(f'{folder / MANIFEST} is damaged ({error}); {cure}') from error
    if manifest.bundle_sha256 != bundle_hash(bundle):
        raise EngineError(f'the ONNX export at {folder} is stale: it was made from another bundle '
                          f'(of name {manifest.bundle!r}) than the one at {bundle}; {cure}')
    for name, size in manifest.sizes.items():
        file = folder / name
        if not file.is_file() or file.stat().st_size != size:
            raise EngineError(f'the ONNX export at {folder} is damaged: {name} is missing or '
                              f'has not its {size} bytes; {cure}')
    return manifest


def write_manifest(folder: Path, manifest: OnnxManifest) -> None:
    """Write ``onnx.json``."""
    write_text(folder / MANIFEST, json.dumps(asdict(manifest), indent=1) + '\n')


def cache_folder(bundle: Path) -> Path:
    """Where exports of this bundle are cached."""
    cache = os.environ.get('XDG_CACHE_HOME') or str(Path.home() / '.cache')
    return Path(cache) / 'policy_gen_ros' / 'onnx' / bundle_hash(bundle)[:16]


def export_folder(bundle: Path) -> Path:
    """Where the export of a bundle lies, or will: beside it, else in the user's cache."""
    beside = bundle / 'onnx'
    return beside if (beside / MANIFEST).is_file() else cache_folder(bundle)


def make_folder(folder: Path, fill: Callable[[Path], object]) -> None:
    """
    Let ``fill`` write an export elsewhere, then give it its place.

    So there is a whole export or none, also when two processes need one at the same time.

    :raises ValueError: something else is in the way
    """
    if folder.exists() and not _replaceable(folder):
        raise ValueError(f'{folder} is there already and is no ONNX export; choose another place')
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix='.onnx_') as temporary, \
            whole_folder(folder, Path(temporary) / 'made') as made:
        fill(made)
        if folder.exists():
            folder.replace(Path(temporary) / 'old')


def _replaceable(folder: Path) -> bool:
    return folder.is_dir() and ((folder / MANIFEST).is_file() or not any(folder.iterdir()))
