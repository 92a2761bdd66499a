"""The stylesheet: every pair of text and ground that a page shows can be read, light and dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import oauth_portal

CSS = (Path(oauth_portal.__file__).parent / "static" / "portal.css").read_text()
TEXT = [
    ("ink", "paper"),
    ("ink", "sheet"),
    ("soft", "paper"),
    ("soft", "sheet"),
    ("main", "paper"),
    ("main", "sheet"),
    ("main-strong", "paper"),
    ("on-main", "main"),
    ("on-main", "main-strong"),
    ("good-ink", "good-paper"),
    ("attention-ink", "attention-paper"),
    ("quiet-ink", "quiet-paper"),
]
EDGES = [("main", "paper"), ("main", "sheet"), ("focus", "paper"), ("focus", "sheet")]
LIGHT, DARK = (
    dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", part))
    for part in CSS.split("@media (prefers-color-scheme: dark)")
)


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT)
def test_text_has_a_contrast_of_four_and_a_half(scheme, text, ground):
    assert contrast(scheme[text], scheme[ground]) >= 4.5


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), EDGES)
def test_edges_of_controls_have_a_contrast_of_three(scheme, edge, ground):
    assert contrast(scheme[edge], scheme[ground]) >= 3


def test_both_schemes_name_the_same_colours():
    assert set(LIGHT) == set(DARK)


def test_the_stylesheet_asks_nothing_of_another_site():
    assert "url(" not in CSS
    assert "@import" not in CSS
