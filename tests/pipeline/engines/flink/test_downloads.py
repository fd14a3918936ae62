import zipfile
from pathlib import Path

from corpusmill.engines.flink.downloads import _merge


def _jar(path: Path, files: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as jar:
        for name, content in files.items():
            jar.writestr(name, content)
    return path


def test_jars_are_merged_into_one_that_runs(tmp_path: Path) -> None:
    first = {"a/A.class": "first", "META-INF/services/codec": "one\n", "META-INF/MANIFEST.MF": "of the part"}
    second = {"a/A.class": "second", "b/B.class": "b", "META-INF/services/codec": "two\none\n", "META-INF/KEY.RSA": "x"}
    second |= {"META-INF/versions/9/module-info.class": "x", "b/": ""}
    target = tmp_path / "merged.jar"
    _merge([_jar(tmp_path / "1.jar", first), _jar(tmp_path / "2.jar", second)], target)
    with zipfile.ZipFile(target) as merged:
        found = {name: merged.read(name).decode() for name in merged.namelist()}
    assert "Main-Class: org.apache.beam.runners.flink.FlinkJobServerDriver\n" in found.pop("META-INF/MANIFEST.MF")
    assert found == {"a/A.class": "first", "b/B.class": "b", "META-INF/services/codec": "one\ntwo\n"}
