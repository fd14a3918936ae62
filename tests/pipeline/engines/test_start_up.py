import functools
from collections.abc import Callable
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import DirectOptions, StandardOptions
from apache_beam.transforms import core, userstate
from apache_beam.transforms.core import CallableWrapperDoFn
from apache_beam.transforms.userstate import BagStateSpec

from corpusmill.engines.start_up import RememberedOptions, remember_dofn_specs, remember_functions

SEEN = beam.DoFn.StateParam(BagStateSpec("seen", beam.coders.BytesCoder()))


class _Stateful(beam.DoFn):
    def process(self, element: Any, seen: Any = SEEN) -> Any:
        seen.add(element)
        yield element


class _Plain(beam.DoFn):
    def process(self, element: Any) -> Any:
        yield element


def _with_state(element: Any, seen: Any = SEEN) -> Any:
    seen.add(element)
    yield element


_FUNCTIONS = (len, str, _with_state, lambda one: [one], _Stateful().process, _Plain().process)


def test_views_of_options_share_their_values_as_beams_do() -> None:
    options = RememberedOptions(["--runner=DirectRunner", "--direct_num_workers=3"])
    options.view_as(DirectOptions).direct_num_workers = 5
    assert options.view_as(DirectOptions) is options.view_as(DirectOptions)
    assert options.view_as(StandardOptions).view_as(DirectOptions).direct_num_workers == 5
    assert options.get_all_options()["runner"] == "DirectRunner"


def test_state_of_a_class_is_found_as_beam_finds_it() -> None:
    before = userstate.get_dofn_specs
    remember_dofn_specs()
    remember_dofn_specs()
    for dofn in (_Stateful(), _Plain(), _Stateful(), *map(CallableWrapperDoFn, _FUNCTIONS)):
        state, timers = userstate.get_dofn_specs(dofn)
        plain = getattr(before, "_look_up", before)(dofn)
        assert ({spec.name for spec in state}, timers) == ({spec.name for spec in plain[0]}, plain[1])
    assert userstate.is_stateful_dofn(_Stateful())
    assert not userstate.is_stateful_dofn(_Plain())


def test_signatures_are_those_that_beam_finds() -> None:
    plain = getattr(core.get_signature, "_look_up", core.get_signature)
    remember_functions()
    remember_functions()
    functions = [_Stateful().process, _Stateful.process, _Plain().process, len, str, functools.partial(_guess, 1)]
    for function in (*functions, lambda a, b=2: (a, b), _guess):
        for _ in range(2):
            assert core.get_signature(function) == plain(function)


def _mixed(element: int) -> Any:
    if element:
        return [element]
    yield element


def test_what_a_function_yields_and_returns_is_found_once_and_as_beam_finds_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    remember_functions()
    plain = core._check_fn_use_yield_and_return._look_up
    looked: list[object] = []
    monkeypatch.setattr(core, "_get_function_body_without_inners", _noting(looked))
    for function in (_mixed, _guess, _Plain().process, _Plain().process, len):
        assert core._check_fn_use_yield_and_return(function) == plain(function) == (function is _mixed)
    looked.clear()
    assert core._check_fn_use_yield_and_return(_mixed)
    assert not core._check_fn_use_yield_and_return(_Plain().process)
    assert looked == []


def _noting(looked: list[object]) -> Callable[[object], str]:
    look_up: Callable[[object], str] = core._get_function_body_without_inners

    def note(function: object) -> str:
        looked.append(function)
        return look_up(function)

    return note


def _guess(one: int, *more: int, key: str = "") -> tuple[int, ...]:
    return (one, *more, len(key))
