# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""``policy_gen sign``: signatures for actors, and the keys for them."""

from __future__ import annotations

import argparse
from pathlib import Path

from policy_gen_ros.commands.output import add_json_option, progress_stream, write_json


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Options of ``sign``."""
    parser = subparsers.add_parser(
        'sign', help='sign actors, or make a key',
        description='Sign actors in place with an Ed25519 key; a controller whose trusted_keys '
        'hold the public key, which is printed, accepts them. The generator node signs by itself '
        'with its parameter signing_key.')
    parser.add_argument('actors', nargs='*', type=Path, metavar='ACTOR.safetensors')
    parser.add_argument('--key', type=Path, required=True, metavar='PATH', help='private key')
    parser.add_argument('--new', action='store_true', help='make the key first')
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    """Sign."""
    from policy_gen_ros.policies.signature import load_key, make_key, public_name, sign
    from policy_gen_ros.policies.weights import ActorWeights
    from policy_gen_ros.utils.files import write_bytes

    for path in args.actors:
        ActorWeights.load(path)
    key = make_key(args.key) if args.new else load_key(args.key)
    for path in args.actors:
        write_bytes(path, sign(path.read_bytes(), key))
    print(f'public key: {public_name(key)}', file=progress_stream(args.json))
    write_json({'public_key': public_name(key), 'signed': [str(path) for path in args.actors]},
               args.json)
    return 0
