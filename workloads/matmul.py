"""The product of two square matrices: the arithmetic that a machine was measured to reach."""

from __future__ import annotations

from benchsuite import Case, Forward, Work, Workload


def build(case: Case) -> Forward:
    """Two dense matrices of `size` x `size`, normal as in a network: what a device draws depends on its numbers."""
    from workloads.nets.product import Product, product_error
    from workloads.nets.weights import normal_rows

    size = case["size"]
    return Forward(Product(), (normal_rows("a", size, size), normal_rows("b", size, size)), product_error)


def work(case: Case) -> Work:
    """n^3 multiply-adds, counted as 2 n^3; two matrices read and one written: 3 n^2 values."""
    size = case["size"]
    return Work(items=1, unit="products", flops=2 * size**3, values=3 * size**2)


workload = Workload(
    name="matmul",
    summary="a product of two square matrices",
    kind="ceiling",
    program=Forward,
    axes={"size": 2048},
    presets={
        "smoke": {"size": (256,)},
        "quick": {"size": (2048,)},
        "full": {"size": (2048, 4096)},
        "sweep": {"size": (64, 128, 256, 512, 1024, 2048)},
    },
    build=build,
    work=work,
    accelerated={
        "quick": {"size": (4096, 8192, 16384)},
        "full": {"size": (1024, 4096, 6144, 8192, 12288, 16384)},
        "sweep": {"size": (4096, 8192, 16384)},
    },
)
