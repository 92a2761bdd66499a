"""The look of the sandbox's HTML pages, and the banner that says what they are.

Belongs here: the frame around a page. Not here: what a page asks.
"""

from __future__ import annotations

from typing import Any

from flask import render_template_string

_FRAME = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }} – {{ banner }}</title>
<style>
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; color: #1b1f24; background: #f2f4f6; }
.banner { background: #7a3e00; color: #fff; text-align: center; padding: .5rem; font-weight: 600; }
main { max-width: 28rem; margin: 2rem auto; padding: 1.5rem 2rem; background: #fff;
  border: 1px solid #d5dae0; border-radius: .5rem; }
h1 { font-size: 1.35rem; margin: 0 0 .75rem; }
fieldset { border: 0; margin: 1rem 0; padding: 0; max-height: 27rem; overflow: auto; }
legend { font-weight: 600; }
.choice { display: flex; gap: .6rem; padding: .35rem 0; align-items: baseline; }
.quiet { color: #57606a; font-size: .9rem; }
.problem { border-left: .25rem solid #b3261e; padding: .25rem .75rem; }
input[type=text] { width: 100%; box-sizing: border-box; font: inherit; padding: .5rem; }
.buttons { display: flex; gap: .75rem; margin-top: 1.25rem; }
button { font: inherit; padding: .5rem 1.1rem; border: 1px solid #3d4a5c; border-radius: .35rem;
  background: #fff; cursor: pointer; }
button.main { background: #14532d; border-color: #14532d; color: #fff; }
</style>
</head>
<body>
<div class="banner" role="note">{{ banner }}</div>
<main>
<h1>{{ title }}</h1>
"""
_FOOT = """
</main>
</body>
</html>
"""


def page(content: str, *, title: str, banner: str, **values: Any) -> str:
    """Give a whole page; `content` is a Jinja template, whose values are escaped."""
    return render_template_string(_FRAME + content + _FOOT, title=title, banner=banner, **values)
