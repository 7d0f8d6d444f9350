package org.daguerre.weights;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;

/**
 * Configuration of a tiny autoencoder from the layers it has: runs of residual blocks ({@code layers.N.conv.0}) between
 * plain convolutions. A half that is missing is taken to mirror the other.
 */
final class TinyVaeShapes {
    private TinyVaeShapes() {
    }

    static ObjectNode config(Checkpoint weights) {
        Weights w = Weights.of(weights);
        boolean encoder = w.has("encoder.layers.0.weight");
        boolean decoder = w.has("decoder.layers.0.weight");
        Weights first = w.sub(encoder ? "encoder.layers" : "decoder.layers");
        int width = first.shape("0.weight", 4).dim(0);
        ObjectNode c = Json.newObject();
        c.put("_class_name", "AutoencoderTiny");
        c.put("act_fn", "relu");
        c.put("in_channels", encoder ? first.shape("0.weight", 4).dim(1) : 3);
        c.put("out_channels", 3);
        c.put("latent_channels", decoder ? w.shape("decoder.layers.0.weight", 4).dim(1) : last(first));
        c.put("latent_magnitude", 3);
        c.put("latent_shift", 0.5);
        c.put("scaling_factor", 1.0);
        c.put("force_upcast", false);
        c.put("upsampling_scaling_factor", 2);
        int[] down = encoder ? runs(first) : reversed(runs(w.sub("decoder.layers")));
        int[] up = decoder ? runs(w.sub("decoder.layers")) : reversed(down);
        numbers(c.putArray("num_encoder_blocks"), down);
        numbers(c.putArray("num_decoder_blocks"), up);
        ArrayNode encoderWidths = c.putArray("encoder_block_out_channels");
        ArrayNode decoderWidths = c.putArray("decoder_block_out_channels");
        for (int i = 0; i < down.length; i++) {
            encoderWidths.add(width);
        }
        for (int i = 0; i < up.length; i++) {
            decoderWidths.add(width);
        }
        return c;
    }

    /** Lengths of the runs of residual blocks, in the order of the layers. */
    private static int[] runs(Weights layers) {
        int[] runs = new int[64];
        int n = 0;
        boolean inRun = false;
        for (int i = 0; i < runs.length; i++) {
            boolean block = layers.has(i + ".conv.0.weight");
            n += block && !inRun ? 1 : 0;
            if (block) {
                runs[n - 1]++;
            }
            inRun = block;
        }
        return Arrays.copyOf(runs, n);
    }

    /** Output channels of the last layer. */
    private static int last(Weights layers) {
        int channels = 0;
        for (int i = 0; i < 64; i++) {
            if (layers.has(i + ".weight")) {
                channels = layers.shape(i + ".weight", 4).dim(0);
            }
        }
        return channels;
    }

    private static int[] reversed(int[] values) {
        int[] out = new int[values.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = values[values.length - 1 - i];
        }
        return out;
    }

    private static void numbers(ArrayNode list, int[] values) {
        for (int v : values) {
            list.add(v);
        }
    }
}
