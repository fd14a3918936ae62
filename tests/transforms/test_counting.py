import pyarrow as pa

from corpusmill.transforms.counting import merge_repairs
from corpusmill.transforms.kernels.findings import Findings
from corpusmill.transforms.kernels.schema import REPAIRS_TYPE, repairs_of


def test_findings_are_added_to_the_rows_that_they_are_about() -> None:
    repairs = pa.array([None, repairs_of({"b.rule": 1}), repairs_of({"a.rule": 5})], REPAIRS_TYPE)
    findings = Findings()
    for row, rule, count in ((1, "b.rule", 2), (1, "a.rule", 3), (0, "c.rule", 1)):
        findings.add(row, rule, count)
    merged = merge_repairs(repairs, findings)
    assert merged.type == REPAIRS_TYPE
    assert merged.to_pylist() == [
        repairs_of({"c.rule": 1}),
        repairs_of({"a.rule": 3, "b.rule": 3}),
        repairs_of({"a.rule": 5}),
    ]
    assert merge_repairs(repairs, Findings()) is repairs
