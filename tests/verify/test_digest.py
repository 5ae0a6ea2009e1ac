import torch

from benchsuite.verify.digest import updates


def test_a_small_parameter_is_kept_whole() -> None:
    start = {"weight": torch.arange(6.0).view(2, 3)}
    kept = updates(start, {"weight": start["weight"] * 3})
    assert kept["change/weight"].tolist() == [0, 2, 4, 6, 8, 10]
    assert kept["change/weight"].dtype == torch.float64


def test_a_large_parameter_is_sampled_all_over_and_always_alike() -> None:
    start = {"weight": torch.zeros(1000, 1000)}
    after = {"weight": torch.arange(1e6).view(1000, 1000)}
    change = updates(start, after)["change/weight"]
    assert change.shape == (4096,)
    assert change.equal(updates(start, after)["change/weight"])
    assert all(change.histc(10, 0, 1e6) > 250)


def test_places_depend_on_the_name() -> None:
    after = torch.arange(1e5)
    kept = updates({"a": torch.zeros(100_000), "b": torch.zeros(100_000)}, {"a": after, "b": after})
    assert not kept["change/a"].equal(kept["change/b"])


def test_a_scalar_parameter_is_kept() -> None:
    assert updates({"scale": torch.tensor(1.0)}, {"scale": torch.tensor(3.0)})["change/scale"].tolist() == [2.0]


def test_nan_anywhere_is_nan_everywhere() -> None:
    after = torch.zeros(100_000)
    after[77_777] = float("nan")
    assert updates({"weight": torch.zeros(100_000)}, {"weight": after})["change/weight"].isnan().all()
