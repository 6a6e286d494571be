"""Products of matrices within a GPU kernel, on matrix units made for shorter numbers than float32."""

from typing import no_type_check

import triton
import triton.language as tl


@triton.jit
@no_type_check
def product(a, b, to, PRODUCTS: tl.constexpr):
    """Return to + a·b, b in float32, and a as well or in float16.

    Numbers of float32 are written as the sum of two shorter ones, in one of three ways: ``bf16x3`` leaves
    out only the product of the two small ones: 2e-6 off, of the size of the result, where ``tf32`` is
    3e-4 off. An a in float16 is a short number already, and b the sum of two such.
    """
    if a.dtype == tl.float16:
        large_b = b.to(tl.float16)
        to = tl.dot(a, (b - large_b.to(tl.float32)).to(tl.float16), to)
        to = tl.dot(a, large_b, to)
    elif PRODUCTS == "bf16x3":
        large_a, large_b = a.to(tl.bfloat16), b.to(tl.bfloat16)
        small_a = (a - large_a.to(tl.float32)).to(tl.bfloat16)
        small_b = (b - large_b.to(tl.float32)).to(tl.bfloat16)
        to = tl.dot(small_a, large_b, to)
        to = tl.dot(large_a, small_b, to)
        to = tl.dot(large_a, large_b, to)
    else:
        to = tl.dot(a, b, to, input_precision=PRODUCTS)
    return to
