package org.daguerre.vae;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.daguerre.nn.Conv2d;
import org.daguerre.nn.ModelMemory;
import org.daguerre.nn.Params;
import org.daguerre.nn.Probe;
import org.daguerre.tensor.Activation;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;
import org.daguerre.weights.CheckpointException;
import org.daguerre.weights.Weights;

/**
 * TAESD: a small convolutional autoencoder trained to imitate the large one, for previews and for little memory. It
 * works on the U-Net's latents as they are and has no posterior to sample. Weights under diffusers names; either half
 * may be missing.
 */
public final class TinyAutoencoder implements Autoencoder {
    private final ModelMemory memory;
    private final List<Layer> encoder;
    private final List<Layer> decoder;

    private TinyAutoencoder(Params p) {
        memory = p.memory();
        encoder = layers(p.sub("encoder.layers"), false);
        decoder = layers(p.sub("decoder.layers"), true);
        if (encoder.isEmpty() && decoder.isEmpty()) {
            throw CheckpointException.of(p.weights().checkpoint().source(), "decoder.layers.N or encoder.layers.N",
                "none of them");
        }
    }

    /** @param ops an arena of its own, in the type that the autoencoder computes in */
    public static TinyAutoencoder load(Ops ops, Weights w) {
        ModelMemory memory = new ModelMemory(ops);
        try {
            return new TinyAutoencoder(new Params(w, memory));
        } catch (RuntimeException e) {
            memory.close();
            throw e;
        }
    }

    /** A step of either half, with the change of size that comes with it. */
    private interface Layer {
        Tensor forward(Ops ops, Tensor x);

        /** Name in the checkpoint. */
        String name();

        Conv2d first();

        Conv2d last();

        /** Whether it halves or doubles the sides. */
        default boolean resizes() {
            return false;
        }
    }

    /** One convolution; {@code up} and {@code down} say which way it changes the size. */
    private record Convolution(String name, Conv2d conv, boolean up, boolean down, Activation f) implements Layer {
        @Override
        public Tensor forward(Ops ops, Tensor x) {
            return down ? conv.halved(ops, x) : up ? conv.upsampled(ops, x, 2 * x.dim(1), 2 * x.dim(2))
                : conv.forward(ops, x, f);
        }

        @Override
        public boolean resizes() {
            return up || down;
        }

        @Override
        public Conv2d first() {
            return conv;
        }

        @Override
        public Conv2d last() {
            return conv;
        }
    }

    /** relu(conv(relu(conv(relu(conv x)))) + x). */
    private record Block(String name, Conv2d conv0, Conv2d conv1, Conv2d conv2, Optional<Conv2d> skip) implements Layer {
        static Block load(String name, Params p, int in, int out) {
            return new Block(name, Conv2d.load(p.sub("conv.0"), in, out, 3), Conv2d.load(p.sub("conv.2"), out, out, 3),
                Conv2d.load(p.sub("conv.4"), out, out, 3),
                in == out ? Optional.empty() : Optional.of(Conv2d.load(p.sub("skip"), in, out, 1)));
        }

        @Override
        public Tensor forward(Ops parent, Tensor x) {
            return parent.scoped(ops -> {
                Tensor h0 = conv0.forward(ops, x, Activation.RELU);
                Tensor h = conv1.forward(ops, h0, Activation.RELU);
                ops.release(h0);
                Tensor rest = skip.isPresent() ? skip.get().forward(ops, x) : x;
                return ops.conv2d(h, null, conv2.weights(), null, rest, x.dim(1), x.dim(2), 1, 1, 1, x.dim(1), x.dim(2),
                    Activation.RELU.code() | Activation.AFTER_RESIDUAL);
            });
        }

        @Override
        public Conv2d first() {
            return conv0;
        }

        @Override
        public Conv2d last() {
            return conv2;
        }
    }

    /**
     * Layers by number; numbers without weights are activations and enlargements. Convolutions without a bias change
     * the size.
     */
    private static List<Layer> layers(Params p, boolean up) {
        int last = p.weights().names().stream().filter(n -> n.matches("\\d{1,2}\\..*"))
            .mapToInt(n -> Integer.parseInt(n.substring(0, n.indexOf('.')))).max().orElse(-1);
        List<Layer> layers = new ArrayList<>();
        for (int i = 0; i <= last; i++) {
            Params layer = p.sub("" + i);
            String name = p.weights().prefix() + i;
            if (layer.has("conv.0.weight")) {
                int[] shape = layer.weights().shape("conv.0.weight", 4).toArray();
                layers.add(Block.load(name, layer, shape[1], shape[0]));
            } else if (layer.has("weight")) {
                int[] shape = layer.weights().shape("weight", 4).toArray();
                boolean resizes = !layer.has("bias");
                Conv2d convolution = Conv2d.load(resizes ? layer.withoutBias() : layer, shape[1], shape[0], 3);
                layers.add(new Convolution(name, convolution, resizes && up, resizes && !up,
                    up && i == 0 ? Activation.RELU : Activation.NONE));
            }
        }
        return layers;
    }

    @Override
    public int factor() {
        return 1 << (decoder.isEmpty() ? encoder : decoder).stream().filter(Layer::resizes).count();
    }

    @Override
    public int latentChannels() {
        return decoder.isEmpty() ? encoder.get(encoder.size() - 1).last().weights().outChannels()
            : decoder.get(0).first().weights().inChannels();
    }

    @Override
    public Tensor decode(Ops parent, Tensor latents, Probe probe) {
        require(decoder, "decoder");
        return parent.scoped(ops -> {
            Tensor y = run(ops, decoder, ops.activation(latents, Activation.SOFT_CLAMP_3), probe);
            return ops.combine(new double[] {2, -1}, y, ones(ops, y)); // 0..1 to -1..1
        });
    }

    /** The noise is not used: this encoder gives one latent, not a distribution. */
    @Override
    public Tensor encode(Ops parent, Tensor image, Tensor noise) {
        require(encoder, "encoder");
        return parent.scoped(ops -> run(ops, encoder, ops.combine(new double[] {0.5, 0.5}, image, ones(ops, image)),
            Probe.NONE));
    }

    private void require(List<Layer> half, String name) {
        if (half.isEmpty()) {
            throw new IllegalStateException("TAESD: expected the weights of the " + name
                + ", found those of the other half only");
        }
    }

    private static Tensor ones(Ops ops, Tensor like) {
        float[] ones = new float[Math.toIntExact(like.count())];
        Arrays.fill(ones, 1);
        return ops.upload(ones, like.shape());
    }

    private Tensor run(Ops parent, List<Layer> layers, Tensor x, Probe probe) {
        Ops ops = parent.child(memory.ops().type());
        try (ops) {
            Tensor h = ops.cast(x, ops.type());
            for (Layer layer : layers) {
                h = VaeDecoder.replace(ops, h, layer.forward(ops, h));
                probe.see(ops, layer.name(), h);
            }
            return ops.lift(ops.cast(h, DType.F32));
        }
    }

    /** The engine's memory of this network. */
    public ModelMemory memory() {
        return memory;
    }

    @Override
    public void close() {
        memory.close();
    }
}
