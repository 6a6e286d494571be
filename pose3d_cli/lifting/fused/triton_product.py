"""Products of float32 matrices within a GPU kernel, on matrix units made for shorter numbers."""

from typing import no_type_check

import triton
import triton.language as tl


@triton.jit
@no_type_check
def product(a, b, to, PRODUCTS: tl.constexpr):
    """Return to + a·b, in one of three ways.

    ``bf16x3`` writes every number as the sum of two in bfloat16 and leaves out only the product of
    the two small ones: 2e-6 off, of the size of the result, where ``tf32`` is 3e-4 off.
    """
    if PRODUCTS == "bf16x3":
        large_a, large_b = a.to(tl.bfloat16), b.to(tl.bfloat16)
        small_a = (a - large_a.to(tl.float32)).to(tl.bfloat16)
        small_b = (b - large_b.to(tl.float32)).to(tl.bfloat16)
        to = tl.dot(small_a, large_b, to)
        to = tl.dot(large_a, small_b, to)
        return tl.dot(large_a, large_b, to)
    return tl.dot(a, b, to, input_precision=PRODUCTS)
