from transforms.kernels.mojibake import RepairSettings, repair_text


def test_one_bad_run_in_a_sound_line_is_repaired_and_nothing_else_is_touched():
    damaged = "She’s back – “the best day” πŸ’₯πŸ’₯πŸ’₯"
    fixed, repairs, suspects = repair_text(damaged, RepairSettings())
    assert fixed == "She’s back – “the best day” 💥💥💥"
    assert [(r.rule, r.codec, r.runs) for r in repairs] == [("encoding.repair-mojibake", "iso8859-7", 1)]
    assert suspects == 0
