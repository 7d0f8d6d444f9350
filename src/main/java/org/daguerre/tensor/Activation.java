package org.daguerre.tensor;

/**
 * Pointwise functions that operations can apply to their result. {@link #code()} is the number in {@code kernels.h}.
 */
public enum Activation {
    NONE(0), SILU(1), GELU(2), QUICK_GELU(3), RELU(4),
    /** Slope 0.2, as in ESRGAN. */
    LEAKY_RELU(5),
    TANH(6), SIGMOID(7),
    /** 3 tanh(x / 3), as TAESD's decoder begins. */
    SOFT_CLAMP_3(8),
    ELU(9),
    /** Slope 0.01, PyTorch's default. */
    LEAKY_RELU_01(10),
    SOFTPLUS(11), MISH(12);

    /** Added to a code in {@code kernels.h}: the function comes after the sum with the residual. */
    public static final int AFTER_RESIDUAL = 256;

    private final int code;

    Activation(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }
}
