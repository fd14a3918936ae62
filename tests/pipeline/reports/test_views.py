import shutil
from pathlib import Path

import pytest

from corpusmill.reports.corpus import read_manifest
from corpusmill.reports.views import write_views

pytestmark = pytest.mark.beam


@pytest.mark.parametrize(("report", "card"), [(True, False), (False, True), (False, False)])
def test_a_run_leaves_the_pages_that_its_configuration_asks_for(
    demo_output: Path, tmp_path: Path, report: bool, card: bool
) -> None:
    out = tmp_path / "out"
    shutil.copytree(demo_output, out)
    (out / "report.html").unlink()
    (out / "README.md").unlink()
    manifest = read_manifest(str(out))
    manifest["config"]["output"].update(report=report, card=card)
    write_views(str(out), manifest, str(tmp_path))
    assert ((out / "report.html").exists(), (out / "README.md").exists()) == (report, card)
