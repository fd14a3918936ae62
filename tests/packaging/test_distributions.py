"""What a wheel, an sdist and an editable install put into an environment, and that it works anywhere."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.support import ROOT

FOLDERS = {"pipeline": "corpusmill", "transforms": "corpusmill/transforms", "configs": "corpusmill/configs"}
"""Folder of the checkout -> folder of the installed package."""


def source_copy(folder: Path) -> Path:
    """Copy what a build reads: builds leave files beside their sources, and tests run side by side."""
    for name in (*FOLDERS, "pyproject.toml", "README.md", "LICENSE"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    return folder


def installed_path(path: Path) -> str:
    top, *rest = path.relative_to(ROOT).parts
    return "/".join([FOLDERS[top], *rest])


def pip(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "pip", "--quiet", *arguments], check=True)


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sdist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--sdist", "--outdir", str(folder)]
    subprocess.run([*command, str(source_copy(folder / "source"))], check=True, stdout=subprocess.DEVNULL)
    (built,) = folder.glob("*.tar.gz")
    return built


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of what the sdist holds."""
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-build-isolation", "--no-deps", "--wheel-dir", str(folder), str(sdist))
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of somebody whose own packages have the names of ours."""
    folder = tmp_path_factory.mktemp("stranger")
    for name in ("pipeline", "transforms", "tests"):
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text("raise RuntimeError('a stranger was imported')\n", encoding="utf-8")
    return folder


def names_in(target: Path) -> set[str]:
    """What a site folder lets one import."""
    program = "import pkgutil, sys; print(*[m.name for m in pkgutil.iter_modules([sys.argv[1]])])"
    done = subprocess.run([sys.executable, "-c", program, str(target)], check=True, capture_output=True, text=True)
    return set(done.stdout.split())


def test_the_wheel_holds_the_package_with_its_data_and_nothing_else(wheel: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info" not in name}
    sources = [path for top in FOLDERS for path in (ROOT / top).rglob("*") if path.is_file()]
    sources = [path for path in sources if "__pycache__" not in path.parts]
    engines = {"configs/beam-yaml", "configs/dataflow"}  # for people who build images and pipelines of their own
    wanted = {installed_path(p) for p in sources if p.parent.relative_to(ROOT).as_posix() not in engines}
    assert names == wanted


def test_sdist_and_wheel_hold_sources_and_give_one_name(sdist: Path, wheel: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as packed:
        names = packed.getnames()
    assert not [name for name in names if "__pycache__" in name]
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    assert names_in(tmp_path) == {"corpusmill"}


def test_an_editable_install_gives_one_name_that_follows_the_sources(tmp_path: Path, stranger: Path) -> None:
    source = source_copy(tmp_path / "source")
    options = [
        "--config-settings",
        "editable_mode=strict",
        "--no-build-isolation",
        "--no-deps",
        "--target",
        str(tmp_path / "site"),
    ]
    pip("install", *options, "--target", str(tmp_path / "site"), "--editable", str(source))
    (link,) = (tmp_path / "site").glob("*.pth")
    tree = Path(link.read_text(encoding="utf-8").strip())
    assert names_in(tree) == {"corpusmill"}
    with (source / "pipeline" / "config.py").open("a", encoding="utf-8") as stream:
        stream.write("\nADDED = 1\n")
    program = "from corpusmill.config import ADDED; print(ADDED)"
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    subprocess.run([sys.executable, "-c", program], cwd=stranger, env=environment, check=True)


@pytest.mark.beam
def test_the_wheel_runs_the_main_job_where_others_have_packages_of_our_folders_names(
    wheel: Path, stranger: Path, tmp_path: Path
) -> None:
    """In this process and in worker processes."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    package = tmp_path / "site" / "corpusmill"
    command = [sys.executable, "-m", "corpusmill", "run", str(package / "configs" / "default.yaml")]
    command += ["--input", str(package / "configs" / "demo"), "--output", str(tmp_path / "out")]
    command += ["--set", "run.mode=processes", "--set", "run.workers=2", "--set", "input.split_bytes=4096"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    done = subprocess.run(
        command, cwd=stranger, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "manifest.json").is_file()
