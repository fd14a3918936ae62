import functools
from typing import Any

import apache_beam as beam
from apache_beam.options.pipeline_options import DirectOptions, StandardOptions
from apache_beam.transforms import core, userstate
from apache_beam.transforms.core import CallableWrapperDoFn
from apache_beam.transforms.userstate import BagStateSpec

from corpusmill.engines.start_up import RememberedOptions, remember_dofn_specs, remember_signatures

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
    remember_signatures()
    remember_signatures()
    functions = [_Stateful().process, _Stateful.process, _Plain().process, len, str, functools.partial(_guess, 1)]
    for function in (*functions, lambda a, b=2: (a, b), _guess):
        for _ in range(2):
            assert core.get_signature(function) == plain(function)


def _guess(one: int, *more: int, key: str = "") -> tuple[int, ...]:
    return (one, *more, len(key))
