"""Cells stand beside each other only where the same networks saw the tiles."""

import pytest

pytest.importorskip("torch", reason="the benchmarks' networks run on torch")
pytest.importorskip("filelock", reason="needs the benchmarks extra")

import torch

from benchmarks.bench.cells import Cell
from benchmarks.bench.networks.weights import weights_digest
from benchmarks.bench.same_networks import check_networks
from pathae_codec.errors import SettingError


def cell(codec: str, networks: dict[str, str] | None, task: str = "segmentation") -> Cell:
    measured = {} if networks is None else {"networks": networks}
    return Cell(task, codec, "10", 0, "d", 1.0, measured)


def test_one_network_for_all_is_fine() -> None:
    check_networks([cell("a", {"U-Net": "1"}), cell("b", {"U-Net": "1"})])
    check_networks([cell("a", {"U-Net": "1"}), cell("b", {"U-Net": "2"}, "nuclei_fidelity")])
    check_networks([cell("a", None, "whole_slides"), cell("b", {}, "whole_slides")])


@pytest.mark.parametrize("other", [{"U-Net": "2"}, {}, None])
def test_a_mixture_is_refused_and_told(other: dict[str, str] | None) -> None:
    right = {"U-Net": "1", "judge": "1"}
    cells = [cell("a", right), cell("b", right), cell("c", other and right | other)]
    digest = "2" if other else "unstated"
    words = rf"segmentation, seed 0: .*found 2 by 1 \(a 10\), 1 by {digest} \(c 10\)"
    with pytest.raises(SettingError, match=words):
        check_networks(cells)


def test_digest_is_of_weights_and_of_running_means() -> None:
    def network() -> torch.nn.Module:
        torch.manual_seed(0)
        return torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2))

    first, second, third = network(), network(), network()
    assert weights_digest(first) == weights_digest(second)
    with torch.no_grad():
        second[0].weight[0, 0, 0, 0] += 1e-6
        third[1].running_mean[0] += 1e-6
    assert len({weights_digest(n) for n in (first, second, third)}) == 3
