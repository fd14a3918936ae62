import dataclasses
from pathlib import Path

import pytest

from corpusmill.config import Config, load_config
from corpusmill.inputs.plan import plan_splits
from corpusmill.inputs.resources import Resources
from corpusmill.runs.run_folder import Job, OutputError, discard_output, is_complete, open_output, signature_scheme
from tests.support import DEMO


def job_of(out: Path, *sets: str) -> Job:
    config = load_config(None, sets)
    plan = plan_splits([str(DEMO)], config.input)
    return Job(str(out), config, plan.fingerprint, plan.splits)


def test_the_identity_follows_from_what_decides_the_result() -> None:
    job = Job("out", Config(), "inputs", ())
    changes = [
        {"config": load_config(None, ["dedup.threshold=0.9"])},
        {"fingerprint": "others"},
        {"resources": Resources(digest="rules")},
        {"purpose": "learn"},
    ]
    others = [dataclasses.replace(job, **change).identity() for change in changes]  # type: ignore[arg-type]
    assert len({str(identity) for identity in [job.identity(), *others]}) == 5
    assert dataclasses.replace(job, output="elsewhere").identity() == job.identity()


def test_a_run_goes_on_and_another_one_is_refused_with_what_differs(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert not open_output(job_of(out), overwrite=False).complete
    assert open_output(job_of(out), overwrite=False).staged == ()
    assert not is_complete(job_of(out))
    with pytest.raises(OutputError, match=r"holds an unfinished run with another configuration; name another folder"):
        open_output(job_of(out, "dedup.threshold=0.9"), overwrite=False)
    open_output(job_of(out, "dedup.threshold=0.9"), overwrite=True)
    with pytest.raises(OutputError, match="another configuration"):
        open_output(job_of(out), overwrite=False)


def test_what_a_run_has_written_is_discarded(tmp_path: Path) -> None:
    out = tmp_path / "out"
    open_output(job_of(out), overwrite=False)
    assert (out / "_state").is_dir()
    discard_output(job_of(out))
    assert not (out / "_state").exists()


def test_the_scheme_of_signatures_names_what_makes_keys_comparable() -> None:
    own = signature_scheme(Config().dedup)
    assert own != signature_scheme(load_config(None, ["dedup.shingle_size=7"]).dedup)
    assert own == signature_scheme(load_config(None, ["dedup.keep=longest"]).dedup)
