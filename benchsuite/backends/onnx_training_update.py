"""The update of an optimizer of torch as ONNX nodes over whole vectors of parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from onnx import NodeProto, TensorProto, helper
from torch.optim import SGD, Adam, AdamW, Optimizer

from benchsuite.errors import Unsupported

_REFUSED = ("amsgrad", "maximize", "nesterov", "dampening")


@dataclass
class Formula:
    """ONNX nodes in the order they were written, and the constants they read."""

    prefix: str
    nodes: list[NodeProto] = field(default_factory=list)
    constants: dict[str, TensorProto] = field(default_factory=dict)

    def __call__(self, operator: str, *inputs: str, named: str = "", **attributes: Any) -> str:
        """Append `operator(*inputs)`; its result is `named` so, or by its number, and returned."""
        name = named or f"{self.prefix}/{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [name], **attributes))
        return name

    def constant(self, values: float | Sequence[float], kind: int = TensorProto.FLOAT) -> str:
        """The name of a constant, a scalar or a vector."""
        shape, content = ([len(values)], values) if isinstance(values, Sequence) else ([], [values])
        name = f"{self.prefix}/constant/{kind}/{values}"
        self.constants.setdefault(name, helper.make_tensor(name, kind, shape, content))
        return name


@dataclass(frozen=True)
class Rule:
    """How a vector of parameters follows its gradient; `states` vectors of its size are kept from step to step."""

    @property
    def states(self) -> int:
        """How many vectors are kept."""
        raise NotImplementedError

    def scalars(self, f: Formula, step: str) -> tuple[str, ...]:
        """What depends on the number of this step alone (a float64 scalar, from 1), as fp32 scalars."""
        raise NotImplementedError

    def update(self, f: Formula, read: Sequence[str], scalars: Sequence[str], new: Sequence[str]) -> None:
        """From what is `read`, parameters, gradient and states, make the `new` parameters and states."""
        raise NotImplementedError


@dataclass(frozen=True)
class AdamRule(Rule):
    """Adam (Kingma and Ba 2015), and AdamW (Loshchilov and Hutter 2019) where decay is decoupled.

    What is kept is M = m / (1 - beta1) and V = v / (1 - beta2): five passes over memory to update instead of seven.
    With c1 and c2 for 1 - beta ** t, the step  lr (m / c1) / (sqrt(v / c2) + eps)  is then  rate M / (sqrt(V) + eps'):
    rate = lr (1 - beta1) / c1 / r,  eps' = eps / r,  r = sqrt((1 - beta2) / c2).
    """

    lr: float
    betas: tuple[float, float]
    eps: float
    weight_decay: float
    decoupled: bool

    @property
    def states(self) -> int:
        """See `Rule.states`: both moments."""
        return 2

    def scalars(self, f: Formula, step: str) -> tuple[str, ...]:
        """See `Rule.scalars`: the rate and eps'."""
        double = TensorProto.DOUBLE
        beta1, beta2 = self.betas
        c1, c2 = (f("Sub", f.constant(1.0, double), f("Pow", f.constant(b, double), step)) for b in self.betas)
        r = f("Sqrt", f("Div", f.constant(1.0 - beta2, double), c2))
        rate = f("Div", f("Div", f.constant(self.lr * (1.0 - beta1), double), c1), r)
        eps = f("Div", f.constant(self.eps, double), r)
        return tuple(f("Cast", x, to=TensorProto.FLOAT) for x in (rate, eps))

    def update(self, f: Formula, read: Sequence[str], scalars: Sequence[str], new: Sequence[str]) -> None:
        """See `Rule.update`."""
        p, g, m, v = read
        rate, eps = scalars
        if self.weight_decay and not self.decoupled:
            g = f("Add", g, f("Mul", p, f.constant(self.weight_decay)))
        m = f("Add", f("Mul", m, f.constant(self.betas[0])), g, named=new[1])
        v = f("Add", f("Mul", v, f.constant(self.betas[1])), f("Mul", g, g), named=new[2])
        change = f("Mul", f("Div", m, f("Add", f("Sqrt", v), eps)), rate)
        if self.weight_decay and self.decoupled:
            p = f("Mul", p, f.constant(1.0 - self.lr * self.weight_decay))
        f("Sub", p, change, named=new[0])


@dataclass(frozen=True)
class SgdRule(Rule):
    """Gradient descent, with momentum in torch's form where that is not zero."""

    lr: float
    momentum: float
    weight_decay: float

    @property
    def states(self) -> int:
        """See `Rule.states`: the momentum."""
        return int(self.momentum != 0)

    def scalars(self, f: Formula, step: str) -> tuple[str, ...]:
        """See `Rule.scalars`: none."""
        return ()

    def update(self, f: Formula, read: Sequence[str], scalars: Sequence[str], new: Sequence[str]) -> None:
        """See `Rule.update`."""
        p, g, *kept = read
        if self.weight_decay:
            g = f("Add", g, f("Mul", p, f.constant(self.weight_decay)))
        for momentum in kept:
            g = f("Add", f("Mul", momentum, f.constant(self.momentum)), g, named=new[1])
        f("Sub", p, f("Mul", g, f.constant(self.lr)), named=new[0])


def rules_of(optimizer: Optimizer) -> dict[int, Rule]:
    """The rule of each parameter, by the parameter's identity. Raises Unsupported for what has none here."""
    return {id(p): _rule(type(optimizer), group) for group in optimizer.param_groups for p in group["params"]}


def _rule(kind: type[Optimizer], group: dict[str, Any]) -> Rule:
    if kind not in (Adam, AdamW, SGD):
        raise Unsupported(f"the optimizer {kind.__name__} has no ONNX form here: Adam, AdamW and SGD do")
    if set_ := [name for name in _REFUSED if group.get(name)]:
        raise Unsupported(f"{kind.__name__} with {set_[0]}={group[set_[0]]} has no ONNX form here")
    lr, decay = float(group["lr"]), float(group["weight_decay"])
    if kind is SGD:
        return SgdRule(lr, float(group["momentum"]), decay)
    betas = (float(group["betas"][0]), float(group["betas"][1]))
    decoupled = bool(group.get("decoupled_weight_decay", kind is AdamW))
    return AdamRule(lr, betas, float(group["eps"]), decay, decoupled)
