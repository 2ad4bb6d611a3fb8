# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Figures as SVG inside a page: text as text, the page's colours, no id twice, nothing loaded."""

from __future__ import annotations

from io import StringIO
import re
from xml.etree import ElementTree

from markupsafe import Markup
from matplotlib import rc_context
from matplotlib.figure import Figure
from policy_gen_ros.evaluation.report.style import COLORS

_LINKS = ('href', 'clip-path')
_COORDINATES = ('d', 'x', 'y')
_NAMES = {color.light: name for name, color in COLORS.items()}
_COLORS = re.compile('|'.join(_NAMES))
_FONT_FAMILY = re.compile(r'font-family: [^;]*;?')
_NAMESPACE = re.compile(r'^{[^}]*}')
_SURPLUS_DIGITS = re.compile(r'(\.\d\d)\d+')


def inline_svg(figure: Figure, name: str, title: str, description: str) -> Markup:
    """
    Draw a figure as an element of an HTML page.

    :param name: a word that no other figure of the page has, in front of every id
    :param title, description: for those who cannot see it
    """
    drawn = StringIO()
    with rc_context({'svg.fonttype': 'none', 'svg.hashsalt': name}):
        figure.savefig(drawn, format='svg', metadata={'Date': None})
    root = ElementTree.fromstring(drawn.getvalue())
    view_box = root.get('viewBox', '')
    _adapt(root)
    _rename(root, name)
    root.attrib = {'viewBox': view_box, 'role': 'img', 'aria-labelledby': f'{name}-title',
                   'aria-describedby': f'{name}-desc'}
    for tag, words in (('desc', description), ('title', title)):
        element = ElementTree.Element(tag, id=f'{name}-{tag}')
        element.text = words
        root.insert(0, element)
    return Markup(ElementTree.tostring(root, encoding='unicode'))


def _adapt(root: ElementTree.Element) -> None:
    """Leave what HTML knows; a style sheet or a font of the figure would touch the whole page."""
    for parent in list(root.iter()):
        parent.tag = _NAMESPACE.sub('', parent.tag)
        parent.text = (parent.text or '').strip()
        parent.tail = None
        parent.attrib = {_NAMESPACE.sub('', key): value for key, value in parent.attrib.items()}
        for child in list(parent):
            if child.tag.endswith(('}metadata', '}style')):
                parent.remove(child)
        for key in _COORDINATES:
            if key in parent.attrib:
                parent.attrib[key] = _SURPLUS_DIGITS.sub(r'\1', parent.attrib[key])
        if 'style' in parent.attrib:
            parent.attrib['style'] = _COLORS.sub(
                lambda found: f'var(--{_NAMES[found[0]]})',
                _FONT_FAMILY.sub('', parent.attrib['style']))


def _rename(root: ElementTree.Element, name: str) -> None:
    """Keep the ids that something refers to, with the figure's name in front of them."""
    linked = {element.attrib[key].split('#')[1].rstrip(')') for element in root.iter()
              for key in _LINKS if '#' in element.get(key, '')}
    for element in root.iter():
        if element.attrib.get('id') in linked:
            element.attrib['id'] = f'{name}-{element.attrib["id"]}'
        else:
            element.attrib.pop('id', None)
        for key in _LINKS:
            if key in element.attrib:
                element.attrib[key] = element.attrib[key].replace('#', f'#{name}-')
