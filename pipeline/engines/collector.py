"""How often Python looks for garbage that counting references does not find."""

from __future__ import annotations

import gc

_OBJECTS = 50_000
"""New objects that are worth a look; Python's own 700 to 2,000 are reached for each batch of documents."""
_YOUNG_LOOKS = 20
_LOOKS = 10


def look_seldom() -> None:
    """Let this process look for cycles of objects seldom.

    Modules, rules and pipelines are tens of thousands of objects that live as long as the process, and columns of text
    hold none. Looking through them as often as Python does was 3 % of a run. This is for programs whose process is
    their own.
    """
    gc.set_threshold(_OBJECTS, _YOUNG_LOOKS, _LOOKS)


def rest_collector() -> None:
    """Let the collector of cyclic garbage rest until `collect_from_here`, for processes of our own.

    While all is imported it would look for garbage over and over, and find none: a fifth of the time.
    """
    gc.disable()


def collect_from_here() -> None:
    """Let the collector work again if it rests, on what is made from here on."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
