from pathlib import Path

import pytest

from benchsuite.powercap import HostEnergy, refusal, zones
from tests.trees import plant, power_counters

RAPL = "sys/class/powercap"


def test_packages_and_memory_count_once(tmp_path: Path) -> None:
    found = zones(power_counters(tmp_path))
    assert [zone.name for zone in found] == ["package-0", "dram", "package-1"]
    assert [zone.joules() for zone in found] == [10.0, 2.0, 20.0]
    assert refusal(tmp_path) is None


def test_energy_is_what_all_zones_grew_by(tmp_path: Path) -> None:
    spent = HostEnergy(power_counters(tmp_path))
    assert spent.joules() == 0
    plant(tmp_path, {f"{RAPL}/intel-rapl:0/energy_uj": "13000000", f"{RAPL}/intel-rapl:0:1/energy_uj": "2500000"})
    assert spent.joules() == pytest.approx(3.5)
    plant(tmp_path, {f"{RAPL}/intel-rapl:1/energy_uj": "21000000"})
    assert spent.joules() == pytest.approx(4.5)


def test_a_counter_that_wraps_goes_on(tmp_path: Path) -> None:
    spent = HostEnergy(power_counters(tmp_path))
    # Package 0 counts to 262 J: from 10 over 262 to 5 it grew by 257.
    plant(tmp_path, {f"{RAPL}/intel-rapl:0/energy_uj": "5000000"})
    assert spent.joules() == pytest.approx(257.0)
    plant(tmp_path, {f"{RAPL}/intel-rapl:0/energy_uj": "6000000"})
    assert spent.joules() == pytest.approx(258.0)


def test_a_counter_that_goes_back_without_a_range_is_not_believed(tmp_path: Path) -> None:
    power_counters(tmp_path)
    (tmp_path / RAPL / "intel-rapl:0/max_energy_range_uj").unlink()
    spent = HostEnergy(tmp_path)
    plant(tmp_path, {f"{RAPL}/intel-rapl:0/energy_uj": "5000000"})
    assert spent.joules() is None


def test_a_machine_without_counters_says_so(tmp_path: Path) -> None:
    assert "no power counter" in (refusal(tmp_path) or "")
    assert HostEnergy(tmp_path).joules() is None


def test_a_counter_for_root_alone_is_named_with_the_remedy(tmp_path: Path) -> None:
    power_counters(tmp_path)
    # Root reads any file; a folder in its place it does not.
    hidden = tmp_path / RAPL / "intel-rapl:1/energy_uj"
    hidden.unlink()
    hidden.mkdir()
    said = refusal(tmp_path) or ""
    assert "package-1" in said
    assert "package-0" not in said
    assert "chmod a+r" in said
    assert HostEnergy(tmp_path).joules() is None
