import apache_beam as beam
import pytest

from corpusmill.config import Config, load_config
from corpusmill.runs.assemble import assemble
from corpusmill.runs.run_folder import Job
from tests.support import ROOT

GOLDEN = ROOT / "tests" / "golden" / "labels.txt"

pytestmark = pytest.mark.beam


def _labels(config: Config) -> list[str]:
    pipeline = beam.Pipeline()
    assemble(pipeline, Job("out", config, "fingerprint", ()))
    proto = pipeline.to_runner_api()
    names = [transform.unique_name for transform in proto.components.transforms.values()]
    labels = {"/".join(name.split("/")[:2]) for name in names if name and not name.startswith("ref_")}
    return sorted(label for label in labels if "(" not in label)  # those are Beam's own, inside of ours


def test_the_steps_of_a_run_have_the_names_that_dashboards_know() -> None:
    """Engines show progress, and update running jobs, by these names: a change here is a change for users."""
    assert _labels(Config()) == GOLDEN.read_text(encoding="utf-8").split("\n")[:-1]


def test_every_step_has_a_label_of_its_own_in_words() -> None:
    for label in _labels(Config()):
        assert all(part[0].isupper() and part.isalnum() for part in label.split("/")), label


@pytest.mark.parametrize("stage", ["normalize", "boilerplate", "dedup"])
def test_a_stage_that_is_off_is_not_in_the_pipeline(stage: str) -> None:
    off = _labels(load_config(None, [f"{stage}.enabled=false"]))
    gone = {"normalize": "Normalize", "boilerplate": "StripBoilerplate", "dedup": "FindDuplicates"}[stage]
    assert not [label for label in off if label.split("/")[0] == gone]
