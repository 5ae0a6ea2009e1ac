"""PyTorch as it comes: every operator called from Python."""

from benchsuite.backends.torch_backend import TorchBackend

cpu = TorchBackend("torch-eager-cpu", "cpu")
cuda = TorchBackend("torch-eager-cuda", "cuda")
mps = TorchBackend("torch-eager-mps", "mps", common=False)
xpu = TorchBackend("torch-eager-xpu", "xpu", common=False)
