package org.daguerre.tensor;

/**
 * The weight and bias of a convolution or linear layer in the layout that its engine likes best; opaque to model code.
 * The content can be replaced (adapters such as LoRA do): layers keep pointing at the same object.
 */
public final class PackedWeights {
    /** What the weights are for. {@code GEGLU}: a linear layer whose result is value * gelu(gate), half as wide. */
    public enum Kind { CONV2D, LINEAR, GEGLU }

    private final Kind kind;
    private final DType dtype;
    private final int out;
    private final int in;
    private final int in2;
    private final int kernelHeight;
    private final int kernelWidth;
    private Object content;

    /**
     * Without content until {@link #replaceWith} gives it some.
     *
     * @param out output channels (before GEGLU halves them)
     * @param in  input channels of the first source
     * @param in2 input channels of the second source, 0 without one
     */
    public static PackedWeights absent(Kind kind, DType dtype, int out, int in, int in2, int kernelHeight, int kernelWidth) {
        return new PackedWeights(kind, dtype, out, in, in2, kernelHeight, kernelWidth, null);
    }

    /**
     * @param dtype   type of the activations that the layer works on
     * @param out     output channels (before GEGLU halves them)
     * @param in      input channels of the first source
     * @param in2     input channels of the second source, 0 without one
     * @param content the engine's own representation
     */
    public PackedWeights(Kind kind, DType dtype, int out, int in, int in2, int kernelHeight, int kernelWidth,
        Object content) {
        this.kind = kind;
        this.dtype = dtype;
        this.out = out;
        this.in = in;
        this.in2 = in2;
        this.kernelHeight = kernelHeight;
        this.kernelWidth = kernelWidth;
        this.content = content;
    }

    public Kind kind() {
        return kind;
    }

    public DType dtype() {
        return dtype;
    }

    /** Channels of the result: half of the rows for GEGLU. */
    public int outChannels() {
        return kind == Kind.GEGLU ? out / 2 : out;
    }

    /** Rows of the weight matrix. */
    public int rows() {
        return out;
    }

    public int inChannels() {
        return in;
    }

    public int inChannels2() {
        return in2;
    }

    public int kernelHeight() {
        return kernelHeight;
    }

    public int kernelWidth() {
        return kernelWidth;
    }

    /**
     * The engine's representation; only the engine that packed it knows the type.
     *
     * @throws IllegalStateException while it is absent
     */
    public Object content() {
        if (content == null) {
            throw new IllegalStateException("weights " + this + ": expected in the engine's memory, found them absent");
        }
        return content;
    }

    /** Takes over the content of {@code other} (same kind and sizes). */
    public void replaceWith(PackedWeights other) {
        if (other.kind != kind || other.out != out || other.in != in || other.in2 != in2) {
            throw new IllegalArgumentException("replace weights: expected " + this + ", found " + other);
        }
        content = other.content;
    }

    /** Gives the content away, for the engine to free; there is none until {@link #replaceWith}. */
    public PackedWeights takeContent() {
        PackedWeights taken = new PackedWeights(kind, dtype, out, in, in2, kernelHeight, kernelWidth, content());
        content = null;
        return taken;
    }

    @Override
    public String toString() {
        return kind + " [" + out + ", " + (in + in2)
            + (kind == Kind.CONV2D ? ", " + kernelHeight + ", " + kernelWidth : "") + "]";
    }
}
