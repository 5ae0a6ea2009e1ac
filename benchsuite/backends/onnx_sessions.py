"""Sessions over ONNX Runtime: inputs and outputs are bound once to torch tensors, so nothing is copied while timing."""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass

import onnxruntime
import torch
from onnx import TensorProto, helper
from torch import Tensor, nn

from benchsuite.backend import Phase, Session
from benchsuite.backends.onnx_graphs import graph_of
from benchsuite.backends.onnx_int8 import quantised
from benchsuite.backends.torch_sessions import TorchSession, own
from benchsuite.errors import Unsupported
from benchsuite.workload import Forward, Generate, Program, Transfer

_ONNX_TYPES = {
    torch.float32: TensorProto.FLOAT,
    torch.bfloat16: TensorProto.BFLOAT16,
    torch.float16: TensorProto.FLOAT16,
    torch.float64: TensorProto.DOUBLE,
    torch.int64: TensorProto.INT64,
    torch.int32: TensorProto.INT32,
    torch.bool: TensorProto.BOOL,
}


@dataclass(frozen=True)
class Runtime:
    """Where and how graphs run, and which of the runtime's own optimizations are left out."""

    device: str
    precision: str
    without: tuple[str, ...] = ()

    def open(self, graph: bytes, weights: dict[str, Tensor]) -> onnxruntime.InferenceSession:
        """A session of `graph`; its large weights are shared with torch where they lie in host memory."""
        options = onnxruntime.SessionOptions()
        options.use_per_session_threads = False
        options.log_severity_level = 3
        if os.environ.get("OMP_WAIT_POLICY", "").upper() == "PASSIVE":
            # As OpenMP's pools, this one then sleeps between runs: a thread that spins takes a processor from others.
            options.add_session_config_entry("session.force_spinning_stop", "1")
        values = [_host_value(x) for x in weights.values()]
        options.add_external_initializers(list(weights), values)
        session = onnxruntime.InferenceSession(
            graph, options, providers=[self._provider()], disabled_optimizers=list(self.without)
        )
        wanted = self._provider()[0]
        if session.get_providers()[0] != wanted:
            raise Unsupported(f"ONNX Runtime cannot load {wanted} (is its CUDA version the one that is installed?)")
        return session

    def _provider(self) -> tuple[str, dict[str, str]]:
        if self.device == "cpu":
            return "CPUExecutionProvider", {}
        stream = str(torch.cuda.current_stream().cuda_stream)
        tf32 = str(int(self.precision == "tf32"))
        return "CUDAExecutionProvider", {"user_compute_stream": stream, "use_tf32": tf32}


class Bound:
    """A session with every input and output bound to a tensor; `run` enqueues it."""

    def __init__(self, session: onnxruntime.InferenceSession, inputs: tuple[Tensor, ...], outputs: tuple[Tensor, ...]):
        binding = session.io_binding()
        # The exporter drops an input that the graph does not use, so inputs are matched by position among those kept.
        for bind, slots, tensors in (
            (binding.bind_input, session.get_inputs(), inputs),
            (binding.bind_output, session.get_outputs(), outputs),
        ):
            assert len(slots) == len(tensors), ([s.name for s in slots], len(tensors))
            for slot, x in zip(slots, tensors, strict=True):
                bind(slot.name, x.device.type, x.device.index or 0, _ONNX_TYPES[x.dtype], tuple(x.shape), x.data_ptr())
        options = None
        if any(x.device.type != "cpu" for x in (*inputs, *outputs)):
            # Only where there is something to wait for: options of any kind cost a run 27 µs (onnxruntime 1.30, where
            # a run without them takes 4).
            options = onnxruntime.RunOptions()
            options.add_run_config_entry("disable_synchronize_execution_providers", "1")
        self._kept = (session, inputs, outputs)
        self._call = (session.run_with_iobinding, binding, options)

    def run(self) -> None:
        """One run of the graph."""
        call, binding, options = self._call
        call(binding, options)


class OnnxSession(TorchSession):
    """Inputs, device and waiting as for torch, whose stream the CUDA provider is told to use."""

    def __init__(self, program: Program, runtime: Runtime) -> None:
        super().__init__(program, runtime.precision, runtime.device)
        if runtime.device != "cpu":
            torch.cuda.set_stream(torch.cuda.Stream())  # type: ignore[no-untyped-call]
        self.runtime = runtime
        self._warm: list[bool] = []

    def _placed(self, program: Forward | Generate) -> nn.Module:
        """The module of `program` on the host, to be exported in the session's precision."""
        module = program.module.to(self.dtype).cpu()
        if self.precision == "int8":
            module, self.notes["int8"] = quantised(program)
        return module

    def _open(self, module: nn.Module, inputs: tuple[Tensor, ...]) -> onnxruntime.InferenceSession:
        graph, weights, warm = graph_of(module, inputs)
        self._warm.append(warm)
        self.notes["onnx-cache"] = "warm" if all(self._warm) else "cold"
        return self.runtime.open(graph, weights)


class OnnxForward(OnnxSession):
    """`module(*inputs)` as one graph."""

    def __init__(self, program: Forward, runtime: Runtime) -> None:
        super().__init__(program, runtime)
        module = self._placed(program)
        inputs = tuple(x.cpu() for x in self.inputs)
        example = module(*inputs)
        outputs = (example,) if isinstance(example, Tensor) else tuple(example)
        self._outputs = tuple(torch.zeros(x.shape, dtype=x.dtype, device=self.device) for x in outputs)
        bound = Bound(self._open(module, inputs), self.inputs, self._outputs)
        self.phases = (Phase(bound.run),)

    def output(self) -> dict[str, Tensor]:
        """As the torch session's."""
        if len(self._outputs) == 1:
            return {"output": own(self._outputs[0])}
        return {f"output/{i}": own(x) for i, x in enumerate(self._outputs)}


class OnnxTransfer(OnnxSession):
    """Identity from one bound buffer to another: a copy by the runtime's own hand."""

    def __init__(self, program: Transfer, runtime: Runtime) -> None:
        super().__init__(program, runtime)
        source, self._destination = self.inputs[0], torch.zeros_like(self.inputs[0])
        shape = list(source.shape)
        graph = helper.make_graph(
            [helper.make_node("Identity", ["source"], ["destination"])],
            "copy",
            [helper.make_tensor_value_info("source", TensorProto.FLOAT, shape)],
            [helper.make_tensor_value_info("destination", TensorProto.FLOAT, shape)],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
        bound = Bound(runtime.open(model.SerializeToString(), {}), (source,), (self._destination,))
        self.phases = (Phase(bound.run),)

    def output(self) -> dict[str, Tensor]:
        """`output`: the copy."""
        return {"output": own(self._destination)}


def open_session(program: Program, precision: str, device: str) -> Session:
    """The session of `program`.

    Note: on a CPU the fused sum and normalisation takes longer than one after the other (BERT-base at batch 16 takes
    6 % longer with it; onnxruntime 1.30), so passes over many rows go without it.
    """
    runtime = Runtime(device, precision)
    match program:
        case Forward():
            without = ("SkipLayerNormFusion",) if device == "cpu" else ()
            return OnnxForward(program, dataclasses.replace(runtime, without=without))
        case Transfer():
            return OnnxTransfer(program, runtime)
    raise Unsupported(f"{type(program).__name__} programs are not exported to ONNX")


def _host_value(x: Tensor) -> onnxruntime.OrtValue:
    """An OrtValue over the memory of `x`; numpy has no bfloat16, so its bits travel as 16-bit integers."""
    x = x.cpu().contiguous()
    if x.dtype == torch.bfloat16:
        bits = x.view(torch.int16).numpy()
        return onnxruntime.OrtValue.ortvalue_from_numpy_with_onnx_type(bits, TensorProto.BFLOAT16)
    return onnxruntime.OrtValue.ortvalue_from_numpy(x.numpy())
