import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from corpusmill.transforms.beam_parts import FILESYSTEMS, bring_filesystem

_REPORT = """
import json, sys
{before}
import apache_beam
from apache_beam.io.filesystem import FileSystem
from corpusmill.engines.runners import beam_flags
{after}
schemes = sorted(kind.scheme() for kind in FileSystem.get_all_subclasses() if kind.scheme() is not None)
print(json.dumps({{"modules": sorted(sys.modules), "schemes": schemes, "flags": sorted(beam_flags())}}))
"""
_HOLD = "from corpusmill.transforms.beam_parts import *; hold_back()"


def _report(before: str = "", after: str = "") -> dict[str, list[str]]:
    code = _REPORT.format(before=before, after=after)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_a_program_on_local_files_imports_no_client_of_a_store_or_service() -> None:
    held = _report(_HOLD)
    assert not {"pymongo", "pandas", "google.cloud.storage", "boto3"} & set(held["modules"])
    assert not held["schemes"], "but for the local one, which has no scheme"
    assert held["flags"] == _report()["flags"], "no option of Beam's may be missing"


def test_what_was_held_back_is_there_when_it_is_asked_for() -> None:
    asked = "\n".join(["import pymongo", *(f"bring_filesystem('{scheme}://a/b')" for scheme in FILESYSTEMS)])
    late = _report(_HOLD, asked)
    assert late["schemes"] == _report()["schemes"], "the same filesystems as if nothing had been held back"
    assert "pymongo" in late["modules"]


def test_pandas_is_there_for_functions_of_the_users_own() -> None:
    pytest.importorskip("pandas")
    asked = """
import pyarrow as pa
pa.array([1]); assert "pandas" not in sys.modules
bring_pandas()
import pandas
assert pa.array(pandas.Series([1.5, None])).null_count == 1, "pyarrow takes it for pandas' own"
"""
    assert "pandas" in _report(_HOLD, asked)["modules"]


def test_other_addresses_need_no_filesystem_of_beams() -> None:
    before = set(sys.modules)
    for address in ("a/b", "/a", "file:///a", "nowhere://a"):
        bring_filesystem(address)
    assert set(sys.modules) == before


@pytest.mark.skipif(importlib.util.find_spec("boto3") is None, reason="boto3 is not installed")
def test_a_local_run_imports_no_store(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Forty kites over the sea wall, and no wind to speak of.\n")
    arguments = f"run {tmp_path / 'a.txt'} --output {tmp_path / 'out'} --quiet".split()
    code = f"import sys; sys.argv[1:] = {arguments!r}\nfrom corpusmill.cli import main\nimport atexit\n"
    code += "atexit.register(lambda: print(sorted({'boto3', 'pymongo', 'pandas'} & set(sys.modules))))\nmain()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert (tmp_path / "out" / "manifest.json").exists()
