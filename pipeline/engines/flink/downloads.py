"""Fetch what a Flink cluster for Beam consists of: Flink's own jars (PyPI) and Beam's job server (Maven Central).

Beam 2.77 is published for Flink 1.19, among others. Flink's jars come in the source distribution of
`apache-flink-libraries`, whose SHA-256 is below; Maven checks its downloads against the repository's checksums.

Beam's job server is one large jar with the runner and everything that it needs. Where the repository has the jar for
the installed Beam (`beam-runners-flink-1.19-job-server`), that is used. Some mirrors of Maven Central do not; then the
same jar is assembled from the newest published runner whose parts can all be fetched. `origin.json` beside the jar says
which of the two it is.
"""

from __future__ import annotations

import json
import shutil
import sys
import tarfile
import zipfile
from pathlib import Path

import apache_beam as beam

from corpusmill.engines.cache import EngineMissingError, cache_dir, made_once, need_tool, run_tool

FLINK_VERSION = "1.19.3"
FLINK_SERIES = "1.19"
_FLINK_SHA256 = "4a58e3a1fb7d83340bc96b6c080624c6d792d69fae5d294b96224775204a9c60"
_ASSEMBLED_BEAM = "2.62.0"  # the newest for which the runner, the job service and their dependencies are all there
_MAIN_CLASS = "org.apache.beam.runners.flink.FlinkJobServerDriver"
_POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>corpusmill</groupId><artifactId>job-server</artifactId><version>1</version>
  <dependencies>{dependencies}</dependencies>
</project>
"""
_DEPENDENCY = "<dependency><groupId>{0}</groupId><artifactId>{1}</artifactId><version>{2}</version></dependency>"


def flink_home() -> Path:
    """Return a directory with Flink's `lib/` and `plugins/`, fetched the first time.

    Raises:
        EngineMissingError: The Python package index cannot be reached.
    """
    return made_once(f"flink-{FLINK_VERSION}", _fetch_flink)


def _fetch_flink(directory: Path) -> None:
    wanted = directory / "requirements.txt"
    wanted.write_text(f"apache-flink-libraries=={FLINK_VERSION} --hash=sha256:{_FLINK_SHA256}\n")
    run_tool(
        [
            *[sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"],
            *["--require-hashes", f"--dest={directory}", f"--requirement={wanted}"],
        ],
        "downloading Flink from the Python package index",
    )
    (archive,) = directory.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        for member in packed:
            _, _, inside = member.name.partition("/deps/")
            content = packed.extractfile(member) if inside.startswith(("lib/", "plugins/")) else None
            if content is not None:
                place = directory / inside
                place.parent.mkdir(parents=True, exist_ok=True)
                with place.open("wb") as stream:
                    shutil.copyfileobj(content, stream)
    archive.unlink()
    # Beam does not use Flink's SQL, and its jars slow each start down.
    for jar in (directory / "lib").glob("flink-table-*.jar"):
        jar.unlink()


def job_server_jar() -> Path:
    """Return the jar of Beam's Flink job server, fetched or assembled the first time.

    Raises:
        EngineMissingError: Maven is not installed, or neither the jar nor its parts can be fetched.
    """
    name = f"beam-{beam.__version__}-flink-{FLINK_SERIES}-job-server"
    return made_once(name, _fetch_job_server) / "job-server.jar"


def _fetch_job_server(directory: Path) -> None:
    maven = need_tool("mvn", "install Maven (Debian: apt-get install maven)")
    published = ("org.apache.beam", f"beam-runners-flink-{FLINK_SERIES}-job-server", beam.__version__)
    try:
        _fetch(maven, directory, [published], transitive=False)
        (jar,) = (directory / "jars").glob("*.jar")
        jar.rename(directory / "job-server.jar")
        origin = {"artifact": ":".join(published), "assembled": False}
    except EngineMissingError:
        shutil.rmtree(directory / "jars", ignore_errors=True)
        runner = ("org.apache.beam", f"beam-runners-flink-{FLINK_SERIES}", _ASSEMBLED_BEAM)
        _fetch(maven, directory, [runner, ("org.slf4j", "slf4j-simple", "2.0.16")], transitive=True)
        _merge(sorted((directory / "jars").glob("*.jar")), directory / "job-server.jar")
        origin = {"artifact": ":".join(runner), "assembled": True}
    shutil.rmtree(directory / "jars", ignore_errors=True)
    (directory / "origin.json").write_text(json.dumps(origin))


def job_server_origin() -> str:
    """Return which artifact the job server is, and whether it was assembled here."""
    origin = json.loads((job_server_jar().parent / "origin.json").read_text())
    return f"{origin['artifact']}, {'assembled from its parts' if origin['assembled'] else 'as published'}"


def _fetch(maven: str, directory: Path, artifacts: list[tuple[str, str, str]], *, transitive: bool) -> None:
    pom = directory / "pom.xml"
    pom.write_text(_POM.format(dependencies="".join(_DEPENDENCY.format(*artifact) for artifact in artifacts)))
    run_tool(
        [
            *[maven, "--batch-mode", "--quiet", "--strict-checksums", f"-Dmaven.repo.local={cache_dir() / 'maven'}"],
            *[f"--file={pom}", "dependency:copy-dependencies", "-DincludeScope=runtime"],
            *[f"-DoutputDirectory={directory / 'jars'}", f"-DexcludeTransitive={'false' if transitive else 'true'}"],
        ],
        f"fetching {artifacts[0][1]} {artifacts[0][2]} from Maven Central",
    )


def _merge(jars: list[Path], target: Path) -> None:
    """Pack jars into one that runs: the first of equal names wins, service lists are joined, signatures dropped."""
    services: dict[str, list[str]] = {}
    seen: set[str] = set()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as merged:
        merged.writestr(
            "META-INF/MANIFEST.MF", f"Manifest-Version: 1.0\nMain-Class: {_MAIN_CLASS}\nMulti-Release: true\n\n"
        )
        for jar in jars:
            with zipfile.ZipFile(jar) as part:
                for name in part.namelist():
                    if name.startswith("META-INF/services/") and not name.endswith("/"):
                        lines = part.read(name).decode().splitlines()
                        services.setdefault(name, []).extend(
                            line for line in lines if line not in services.get(name, ())
                        )
                    elif not (_is_dropped(name) or name in seen):
                        seen.add(name)
                        merged.writestr(name, part.read(name))
        for name in sorted(services):
            merged.writestr(name, "\n".join(services[name]) + "\n")


def _is_dropped(name: str) -> bool:
    return (
        name.endswith("/")
        or name == "META-INF/MANIFEST.MF"
        or name.rpartition("/")[2] == "module-info.class"
        or (name.startswith("META-INF/") and name.upper().endswith((".SF", ".RSA", ".DSA", ".EC")))
    )
