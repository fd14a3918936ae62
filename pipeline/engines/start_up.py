"""Beam's start-up, with what it works out a thousand times worked out once.

While a pipeline is built and handed over, Beam parses all options anew for every step, and inspects every method of
every DoFn several times. On a small input that was half of a run's CPU time.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.transforms import core, userstate
from apache_beam.transforms.core import DoFn
from apache_beam.typehints import decorators

Options = TypeVar("Options", bound=PipelineOptions)
_Found = TypeVar("_Found")
_Specs = tuple[set[userstate.StateSpec], set[userstate.TimerSpec]]


class RememberedOptions(PipelineOptions):
    """Options whose views are made once: all views of the same options share their values anyway."""

    def view_as(self, cls: type[Options]) -> Options:
        """Return the view of a kind, always the same one."""
        views: dict[type[PipelineOptions], PipelineOptions] = self.__dict__.setdefault("_views", {})
        if cls not in views:
            views[cls] = super().view_as(cls)
        view = views[cls]
        assert isinstance(view, cls)  # noqa: S101  (for the type checker)
        return view


def remember_dofn_specs() -> None:
    """Let Beam look up state and timers once for each class of DoFn: they follow from the class alone."""
    if not isinstance(userstate.get_dofn_specs, _SpecsByClass):
        userstate.get_dofn_specs = _SpecsByClass()


def remember_functions() -> None:
    """Let Beam inspect each function and method once: it asks for the same ones some ten thousand times a run."""
    if not isinstance(core.get_signature, _ByFunction):
        core.get_signature = decorators.get_signature = _ByFunction(core.get_signature)
        reads_source = core._check_fn_use_yield_and_return  # noqa: SLF001  (Beam offers no other place)
        core._check_fn_use_yield_and_return = _ByFunction(reads_source)  # noqa: SLF001


class _ByFunction(Generic[_Found]):
    def __init__(self, look_up: Callable[[Callable[..., object]], _Found]) -> None:
        self._look_up = look_up
        self._found: WeakKeyDictionary[types.FunctionType, dict[bool, _Found]] = WeakKeyDictionary()

    def __call__(self, func: Callable[..., object]) -> _Found:
        bound = isinstance(func, types.MethodType)
        function = func.__func__ if isinstance(func, types.MethodType) else func
        if not isinstance(function, types.FunctionType):
            return self._look_up(func)
        known = self._found.setdefault(function, {})
        if bound not in known:
            known[bound] = self._look_up(func)
        return known[bound]


class _SpecsByClass:
    def __init__(self) -> None:
        self._look_up = userstate.get_dofn_specs
        self._specs: dict[type[DoFn], _Specs] = {}

    def __call__(self, dofn: DoFn) -> _Specs:
        kind = type(dofn)
        # Beam looks at methods alone. What `beam.Map` wraps is in the object, but a function is no method of it.
        if any(isinstance(value, types.MethodType) for value in vars(dofn).values()):
            specs: _Specs = self._look_up(dofn)
            return specs
        if kind not in self._specs:
            self._specs[kind] = self._look_up(dofn)
        state, timers = self._specs[kind]
        return set(state), set(timers)
