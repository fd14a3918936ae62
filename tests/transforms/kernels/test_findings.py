from corpusmill.transforms.kernels.findings import Findings


def test_counts_of_a_row_and_rule_add_up_and_come_in_order() -> None:
    findings = Findings()
    findings.add(2, "b.rule")
    findings.add(1, "b.rule", 3)
    findings.add(2, "a.rule")
    findings.add(2, "b.rule", 4)
    assert list(findings) == [(1, "b.rule", 3), (2, "a.rule", 1), (2, "b.rule", 5)]
    assert len(findings) == 3
    assert list(findings.by_rule().items()) == [("a.rule", 1), ("b.rule", 8)]


def test_two_batches_do_not_share_their_counts() -> None:
    Findings().add(0, "a.rule")
    assert list(Findings()) == []
