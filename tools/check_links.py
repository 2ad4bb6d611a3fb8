# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Find dead links in the documents, without a network.

    python tools/check_links.py [ROOT]

Links and pictures inside the repository, anchors by GitHub's rule, and paths that stand in code,
such as ``config/go2.yaml`` or, relative to the package, ``goals/goal.py``. The web is not asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
import re
import sys
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

PACKAGE = 'policy_gen_ros'
FOLDERS = ('config', 'docs', 'launch', PACKAGE, 'sim', 'test', 'tools')
_MARKDOWN = MarkdownIt('commonmark').enable('table')
_SCHEME = re.compile(r'[a-z][a-z+.-]*:', re.IGNORECASE)
_PATH = re.compile(r'(?<![\w./~<>}$)*-])[\w-]+/[\w./*-]*')
_FORMAT_NAME = re.compile(rf'{PACKAGE}/\w+/\d+')


def dead_links(root: Path) -> list[str]:
    """One line for each link, anchor, picture or path of the documents that leads nowhere."""
    documents = sorted([*root.glob('*.md'), *root.glob('docs/**/*.md')])
    return [f'{document.relative_to(root)}: {problem}' for document in documents
            for problem in _problems(document, root)]


def anchors(document: Path) -> set[str]:
    """Return the anchors that GitHub gives to a document's headings."""
    found: set[str] = set()
    tokens = _MARKDOWN.parse(document.read_text())
    for token, inside in pairwise(tokens):
        if token.type == 'heading_open':
            title = ''.join(part.content for part in inside.children or ())
            slug = re.sub(r'[^\w -]', '', title.lower()).replace(' ', '-')
            repeated = (f'{slug}-{number}' for number in range(1, len(found) + 1))
            found.add(slug if slug not in found else next(
                name for name in repeated if name not in found))
    return found


def _problems(document: Path, root: Path) -> Iterator[str]:
    for token in _flat(_MARKDOWN.parse(document.read_text())):
        target = token.attrGet('href') or token.attrGet('src')
        if isinstance(target, str) and not _SCHEME.match(target):
            problem = _broken(document, unquote(target), root)
            if problem:
                yield f'{target}: {problem}'
        if token.type in ('code_inline', 'code_block', 'fence'):
            for path in _PATH.findall(token.content):
                if not _exists(path.rstrip('.'), root):
                    yield f'{path}: no such file'


def _flat(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _flat(token.children or [])


def _broken(document: Path, target: str, root: Path) -> str | None:
    path, _, anchor = target.partition('#')
    file = (document.parent / path).resolve() if path else document
    if not file.is_relative_to(root.resolve()):
        return 'outside of the repository'
    if not file.exists():
        return 'no such file'
    if anchor and file.suffix == '.md' and anchor not in anchors(file):
        return f'no heading #{anchor}'
    return None


def _exists(path: str, root: Path) -> bool:
    """Whether a path in code is there, or is none of the repository's."""
    package = root / PACKAGE
    first = path.partition('/')[0]
    ours = first in FOLDERS or (package / first).is_dir() or path.endswith('.py')
    return not ours or bool(_FORMAT_NAME.fullmatch(path)) or any(
        any(folder.glob(path.rstrip('/'))) for folder in (root, package))


def main() -> int:
    """Print what is dead; 1 if there is any."""
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    found = dead_links(root)
    print('\n'.join(found) or 'no dead links')
    return bool(found)


if __name__ == '__main__':
    sys.exit(main())
