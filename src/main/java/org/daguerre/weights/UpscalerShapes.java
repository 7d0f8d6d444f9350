package org.daguerre.weights;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** Sizes of an upscaler from the shapes of its weights. */
final class UpscalerShapes {
    private static final int IMAGE_CHANNELS = 3;

    private UpscalerShapes() {
    }

    /** Keys: {@code num_in_ch, num_out_ch, num_feat, num_grow_ch, num_block, scale}. */
    static ObjectNode config(Checkpoint weights) {
        Weights w = Weights.of(weights);
        if (w.has("body.0.weight")) {
            return compact(weights, w);
        }
        int in = w.shape("conv_first.weight", 4).dim(1);
        int blocks = 0;
        while (w.has("body." + blocks)) {
            blocks++;
        }
        ObjectNode c = Json.newObject();
        c.put("num_in_ch", IMAGE_CHANNELS);
        c.put("num_out_ch", w.shape("conv_last.weight", 4).dim(0));
        c.put("num_feat", w.shape("conv_first.weight", 4).dim(0));
        c.put("num_grow_ch", w.shape("body.0.rdb1.conv1.weight", 4).dim(0));
        c.put("num_block", blocks);
        c.put("scale", scale(weights, in));
        return c;
    }

    /** Keys: {@code num_in_ch, num_out_ch, num_feat, num_conv, scale}. */
    private static ObjectNode compact(Checkpoint weights, Weights w) {
        int last = 0;
        while (w.has("body." + (last + 1) + ".slopes")) {
            last += 2;
        }
        int out = w.shape("body." + last + ".weight", 4).dim(0);
        int scale = (int) Math.round(Math.sqrt(out / (double) IMAGE_CHANNELS));
        if (scale < 1 || out != IMAGE_CHANNELS * scale * scale) {
            throw ShapeConfigs.unknownSize(weights, "3 channels per pixel of a square", "" + out);
        }
        ObjectNode c = Json.newObject();
        c.put("num_in_ch", w.shape("body.0.weight", 4).dim(1));
        c.put("num_out_ch", IMAGE_CHANNELS);
        c.put("num_feat", w.shape("body.0.weight", 4).dim(0));
        c.put("num_conv", last / 2 - 1);
        c.put("scale", scale);
        return c;
    }

    /** Twice for each doubling (two in most); some put squares of 2x2 or 4x4 pixels into the input channels first. */
    private static int scale(Checkpoint weights, int inputChannels) {
        int doublings = 0;
        while (weights.has("conv_up" + (doublings + 1) + ".weight")) {
            doublings++;
        }
        int square = switch (inputChannels) {
            case IMAGE_CHANNELS -> 1;
            case 4 * IMAGE_CHANNELS -> 2;
            case 16 * IMAGE_CHANNELS -> 4;
            default -> throw ShapeConfigs.unknownSize(weights, "3, 12 or 48 input channels", "" + inputChannels);
        };
        return (1 << doublings) / square;
    }
}
