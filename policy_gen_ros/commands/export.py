# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""``policy_gen export``: the networks of a bundle as ONNX."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from policy_gen_ros.commands.output import add_json_option, progress_stream, write_json
from policy_gen_ros.goals.goal import Goal

CHECKED_TEXT = 'trot forward slowly'


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Options of ``export``."""
    parser = subparsers.add_parser(
        'export', help='write the networks of a bundle as ONNX',
        description='Write every network that runs at goal time as ONNX with static shapes, and '
        'onnx.json, which says what belongs to which. In the folder "onnx" of a bundle they are '
        'found there by all that uses the backend onnx, which otherwise makes them in '
        'your cache.')
    parser.add_argument('--bundle', type=Path, help='trained bundle (default: the shipped one)')
    parser.add_argument('-o', '--output', type=Path, required=True, metavar='DIR',
                        help='new, empty, or an earlier export, which is replaced')
    parser.add_argument('--batch', default='1,8', metavar='N,...',
                        help='goals at a time, a graph for each (default: %(default)s)')
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    """Export, and compare with PyTorch where ONNX Runtime is installed."""
    batches = _batches(args.batch)
    from policy_gen_ros.generation.bundle import bundle_path, read_info
    from policy_gen_ros.generation.networks import load_networks
    from policy_gen_ros.generation.onnx_export import export_bundle
    from policy_gen_ros.generation.onnx_files import make_folder, MANIFEST, read_manifest

    bundle = bundle_path(args.bundle)
    info = read_info(bundle)
    networks = load_networks(bundle, info, 'cpu')
    make_folder(args.output, lambda made: export_bundle(bundle, info, networks, made, batches))
    manifest = read_manifest(args.output, bundle)
    difference = _difference(bundle, args.output)
    out = progress_stream(args.json)
    print(f'{len(manifest.graphs)} graphs of {info.name} in {args.output}, opset '
          f'{manifest.opset}, {sum(manifest.sizes.values()) / 1e6:.0f} MB', file=out)
    print('not compared with PyTorch: onnxruntime is not installed' if difference is None else
          f'largest difference of a weight from what PyTorch gives: {difference:.1e}', file=out)
    write_json({'path': args.output, 'manifest': args.output / MANIFEST, 'opset': manifest.opset,
                'bundle_sha256': manifest.bundle_sha256, 'sizes': manifest.sizes,
                'graphs': [vars(graph) for graph in manifest.graphs],
                'largest_difference': difference}, args.json)
    return 0


def _batches(text: str) -> list[int]:
    """
    Parse ``1,8``.

    :raises ValueError: no numbers, or not of goals
    """
    try:
        batches = [int(part) for part in text.split(',')]
    except ValueError:
        raise ValueError(f'--batch is {text!r}, expected numbers joined by commas') from None
    if min(batches) < 1:
        raise ValueError(f'--batch is {text!r}, a batch has at least one goal')
    return batches


def _difference(bundle: Path, folder: Path) -> float | None:
    """Largest difference between weights of both backends, None without ONNX Runtime."""
    from importlib.util import find_spec

    if find_spec('onnxruntime') is None:
        return None
    from policy_gen_ros.generation.generator import PolicyGenerator
    from policy_gen_ros.generation.onnx_engine import load_engine

    torch_generator = PolicyGenerator.load(bundle, device='cpu')
    info = torch_generator.info
    onnx_generator = PolicyGenerator(info, load_engine(folder, bundle, info, 'cpu'))
    domain = torch_generator.domain
    first = domain.measures[0]
    zeros = np.zeros((domain.trajectory.min_rows, domain.trajectory.dim), np.float32)
    goals = [Goal(text=CHECKED_TEXT, domain=domain.name),
             Goal(measures={first.name: first.centre}, domain=domain.name),
             Goal(trajectory=zeros, domain=domain.name)]
    pairs = zip(torch_generator.generate_batch(goals), onnx_generator.generate_batch(goals))
    return max(float(np.abs(a.to_vector() - b.to_vector()).max()) for a, b in pairs)
