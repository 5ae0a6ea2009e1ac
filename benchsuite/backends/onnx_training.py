"""Training by ONNX Runtime: forward, loss, backward and the optimizer's update are one graph."""

from __future__ import annotations

import onnxruntime
import torch
from torch import Tensor, nn

from benchsuite.backend import Phase
from benchsuite.backends.onnx_sessions import Bound, OnnxSession, Runtime
from benchsuite.backends.onnx_training_graph import Piece, step_graph
from benchsuite.backends.onnx_training_trace import state_of
from benchsuite.backends.torch_sessions import own
from benchsuite.workload import Program, TrainStep


class OnnxTrain(OnnxSession):
    """One step a run. Two sets of parameters take turns as what is read and what is written.

    The optimizer's state has one set: nothing reads a state but what its new value is computed from.
    """

    def __init__(self, program: TrainStep, runtime: Runtime) -> None:
        super().__init__(program, runtime)
        graph, pieces, warm = step_graph(program, self.device)
        self.notes["onnx-cache"] = "warm" if warm else "cold"
        session = runtime.open(graph, {})
        module = program.module.to(self.device)
        self._sides = [_Parameters(module, pieces, copied=copied) for copied in (False, True)]
        self._loss = torch.zeros(session.get_outputs()[0].shape, device=self.device)
        self._states = {
            f"state/{i}/{j}": torch.zeros(piece.shape, device=self.device)
            for i, piece in enumerate(pieces)
            for j in range(piece.rule.states)
        }
        self._states["step"] = torch.zeros((), dtype=torch.float64, device=self.device)
        fixed = self._states | {f"input/{i}": x for i, x in enumerate(self.inputs)}
        fixed |= {f"held/{name}": x.detach() for name, x in state_of(module).items()}
        turns = [self._bound(session, fixed, *sides).run for sides in (self._sides, self._sides[::-1])]
        self._turn = 0

        def run() -> None:
            turns[self._turn]()
            self._turn = 1 - self._turn

        self.phases = (Phase(run),)

    def _input_dtype(self, x: Tensor) -> torch.dtype:
        return x.dtype

    def _bound(
        self, session: onnxruntime.InferenceSession, fixed: dict[str, Tensor], read: _Parameters, written: _Parameters
    ) -> Bound:
        inputs = fixed | read.pieces | read.parameters
        outputs = {f"next/{n}": x for n, x in (self._states | written.pieces).items()} | {"loss": self._loss}
        return Bound(
            session,
            tuple(inputs[slot.name] for slot in session.get_inputs()),
            tuple(outputs[slot.name] for slot in session.get_outputs()),
        )

    def output(self) -> dict[str, Tensor]:
        """As the torch session's: `loss`, and the parameters, the session's very own if on the host."""
        parameters = self._sides[self._turn].parameters
        return {"loss": own(self._loss), **{name: x.cpu() for name, x in parameters.items()}}

    def reset(self, program: Program) -> None:
        """See the torch session's."""
        assert isinstance(program, TrainStep)
        fresh = dict(program.module.named_parameters())
        for name, x in self._sides[0].parameters.items():
            x.copy_(fresh[name.removeprefix("parameter/")].detach())
        for state in self._states.values():
            state.zero_()
        self._turn = 0


class _Parameters:
    """One set of parameters: each one by `parameter/<name>`, within the vector `piece/<i>` if it is updated."""

    def __init__(self, module: nn.Module, pieces: tuple[Piece, ...], *, copied: bool) -> None:
        self.parameters = {f"parameter/{name}": p.detach() for name, p in module.named_parameters()}
        self.pieces: dict[str, Tensor] = {}
        for i, piece in enumerate(pieces):
            names = [f"parameter/{name}" for name in piece.places]
            first = self.parameters[names[0]]
            whole = first.numel() == piece.length and first.is_contiguous() and not copied
            vector = first.view(-1) if whole else first.new_zeros(piece.length)
            for name, start in zip(names, piece.places.values(), strict=True):
                values = self.parameters[name]
                self.parameters[name] = vector[start : start + values.numel()].view(values.shape)
                self.parameters[name].copy_(values)
            self.pieces[f"piece/{i}"] = vector.view(piece.shape)
