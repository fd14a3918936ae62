import subprocess
import sys

_LEAN = "import sys; from corpusmill.engines.lean_import import import_beam; import_beam(); "


def run_alone(program: str) -> None:
    subprocess.run([sys.executable, "-c", program], check=True)


def test_beam_is_imported_without_clients_of_services() -> None:
    services = "{'pandas', 'pymongo', 'boto3', 'google.cloud.storage', 'httplib2', 'beartype'}"
    run_alone(f"{_LEAN}found = {services} & set(sys.modules); assert not found, found")


def test_what_was_postponed_is_there_when_it_is_called() -> None:
    run_alone(
        f"{_LEAN}from apache_beam.typehints import typehints; assert typehints.is_consistent_with(int, int); "
        "assert not typehints.is_consistent_with(list[str], list[int]); assert 'beartype' in sys.modules; "
        "from apache_beam.runners.portability import stager; assert stager.get_new_http().timeout"
    )


def test_what_a_lean_import_leaves_out_can_be_imported_later() -> None:
    run_alone(
        f"{_LEAN}from apache_beam.io import mongodbio; assert mongodbio.ReadFromMongoDB; "
        "from apache_beam.runners.dataflow.dataflow_runner import DataflowRunner; "
        "assert DataflowRunner.__mro__; import requests"
    )


def test_an_address_still_finds_its_filesystem() -> None:
    run_alone(
        f"{_LEAN}from corpusmill.transforms import storage; from apache_beam.io.filesystem import FileSystem; "
        "schemes = lambda: {kind.scheme() for kind in FileSystem.get_all_subclasses()}; "
        "assert 'hdfs' not in schemes(); storage.filesystems('hdfs://a/b'); assert 'hdfs' in schemes()"
    )


def test_nothing_is_taken_from_a_program_that_has_imported_beam() -> None:
    run_alone(f"import sys, apache_beam; before = set(sys.modules); {_LEAN}assert before <= set(sys.modules)")
