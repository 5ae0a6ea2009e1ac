import torch

from benchsuite.verify.inputs import rewrite, same, spoil, vary


def test_varied_inputs_have_the_same_values_elsewhere() -> None:
    (x,) = vary((torch.arange(6).view(2, 3),))
    assert x.tolist() == [[5, 0, 1], [2, 3, 4]]


def test_spoilt_inputs_are_neither_given_nor_varied() -> None:
    given = (torch.randn(4, 3), torch.arange(9))
    mine = tuple(x.clone() for x in given)
    spoil(mine, given)
    assert not same(mine, given)
    assert not same(mine, vary(given))


def test_rewriting_keeps_the_tensors() -> None:
    mine = (torch.zeros(3, requires_grad=True), torch.zeros(2, dtype=torch.int64))
    addresses = [x.data_ptr() for x in mine]
    rewrite(mine, (torch.ones(3), torch.tensor([1, 2])))
    assert [x.data_ptr() for x in mine] == addresses
    assert mine[1].tolist() == [1, 2]


def test_inputs_are_compared_in_the_precision_of_the_session() -> None:
    values = (torch.tensor([1.0001, 2.0]),)
    assert same((values[0].bfloat16(),), values)
    assert not same((torch.tensor([1.0, 2.0]),), values)
