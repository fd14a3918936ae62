import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.transforms.kernels.boilerplate.learning.sampling import count_hosts, in_sample, plan_sample

hosts = st.lists(st.sampled_from(["", "a.example", "b.example", "c.example"]), max_size=60)


def _table(*columns: list[str]) -> pa.Table:
    return pa.Table.from_batches([count_hosts(pa.array(column, pa.string())) for column in columns])


@given(hosts, st.integers(0, 60))
def test_the_plan_does_not_depend_on_how_the_corpus_is_cut(column: list[str], cut: int) -> None:
    plans = [
        plan_sample(_table(*parts), host_documents=5, documents=12)
        for parts in ([column], [column[:cut], column[cut:]])
    ]
    assert plans[0] == plans[1]


@given(hosts)
def test_small_hosts_are_whole_and_documents_without_a_host_stay_out(column: list[str]) -> None:
    plan = plan_sample(_table(column), host_documents=100, documents=1000)
    mask = in_sample(pa.array(column, pa.string()), pa.array([str(k) for k in range(len(column))], pa.string()), plan)
    assert mask.tolist() == [host != "" for host in column]


def test_a_large_host_gives_about_the_wanted_number() -> None:
    n, wanted = 20_000, 500
    column, ids = ["big.example"] * n, [f"d{k}" for k in range(n)]
    mask = in_sample(
        pa.array(column), pa.array(ids), plan_sample(_table(column), host_documents=wanted, documents=10**9)
    )
    deviation = np.sqrt(wanted * (1 - wanted / n))
    assert abs(mask.sum() - wanted) < 6 * deviation  # of a binomial: exceeded once in 10^8 choices of the hash


def test_very_many_hosts_give_some_hosts_each_of_them_whole() -> None:
    column = [f"host{k % 2000}.example" for k in range(6000)]
    plan = plan_sample(_table(column), host_documents=100, documents=600)
    mask = in_sample(pa.array(column), pa.array([str(k) for k in range(6000)]), plan)
    by_host = {host: {bool(mask[k]) for k in range(6000) if column[k] == host} for host in column[:50]}
    assert all(len(found) == 1 for found in by_host.values())
    assert abs(mask.sum() / 3 - 200) < 6 * np.sqrt(200 * 0.9)
