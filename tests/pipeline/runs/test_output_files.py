from corpusmill.config import load_config
from corpusmill.runs.output_files import output_files
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings


def test_the_files_follow_from_the_configuration() -> None:
    plain = output_files("out", load_config(None), {"a": "b"})
    assert set(plain.folders) == {"corpus", "audit", "rejected", "removed", "pairs", "index", "statistics"}
    assert "overlaps" not in plain.folders["audit"].names
    assert plain.folders["corpus"].metadata is None or b"a" in plain.folders["corpus"].metadata
    less = output_files("out", load_config(None, ["output.pairs=false", "output.index=false"]), {})
    assert set(less.folders) == {"corpus", "audit", "rejected", "statistics"}
    only = output_files("out", load_config(None, ["output.corpus=false"]), {})
    assert set(only.folders) == {"audit", "rejected", "statistics"}
    kept = output_files("out", load_config(None, ["input.keep_columns={year: int64}"]), {})
    assert "year" in kept.folders["corpus"].names


def test_an_index_may_be_keyed_by_other_settings() -> None:
    config = load_config(None, ["dedup.enabled=false"])
    assert "index" not in output_files("out", config, {}).folders
    assert "index" in output_files("out", config, {}, DedupSettings()).folders
