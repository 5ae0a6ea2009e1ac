"""Importing this asks what torch's compiler asks anew in every process: the processor's vectors, its own source.

It runs in the zygote, where it costs seconds once instead of in every worker; no operator runs. Both are private names
of torch (2.11 to 2.13), so that a version without them only loses the time.
"""

import contextlib

with contextlib.suppress(ImportError):
    from torch._inductor.cpu_vec_isa import valid_vec_isa_list

    valid_vec_isa_list()

with contextlib.suppress(ImportError):
    from torch._inductor.codecache import torch_key

    torch_key()
