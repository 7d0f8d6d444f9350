package org.daguerre.weights;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Configuration of an autoencoder from the shapes of its weights (diffusers names). */
final class VaeShapes {
    private static final int NORM_GROUPS = 32;

    private VaeShapes() {
    }

    static ObjectNode config(Checkpoint weights, Family family) {
        Weights w = Weights.of(weights);
        boolean decoder = w.has("decoder.conv_in.weight");
        List<Integer> channels = new ArrayList<>();
        String block = decoder ? "decoder.up_blocks." : "encoder.down_blocks.";
        for (int b = 0; w.has(block + b + ".resnets.0.conv1.weight"); b++) {
            channels.add(w.shape(block + b + ".resnets.0.conv1.weight", 4).dim(0));
        }
        if (channels.isEmpty() || channels.stream().anyMatch(c -> c == 0 || c % NORM_GROUPS != 0)) {
            throw ShapeConfigs.unknownSize(weights, "block widths divisible by " + NORM_GROUPS, channels.toString());
        }
        int resnets = 0;
        while (w.has(block + "0.resnets." + resnets)) {
            resnets++;
        }
        if (decoder) {
            Collections.reverse(channels); // the decoder's levels count from the low resolution
        }
        return config(w, channels, decoder ? resnets - 1 : resnets, xl(weights, family));
    }

    private static ObjectNode config(Weights w, List<Integer> channels, int layers, boolean xl) {
        boolean decoder = w.has("decoder.conv_in.weight");
        ObjectNode c = Json.newObject();
        c.put("_class_name", "AutoencoderKL");
        c.put("act_fn", "silu");
        c.put("in_channels", w.has("encoder.conv_in.weight") ? w.shape("encoder.conv_in.weight", 4).dim(1) : 3);
        c.put("out_channels", w.has("decoder.conv_out.weight") ? w.shape("decoder.conv_out.weight", 4).dim(0) : 3);
        c.put("latent_channels", decoder ? w.shape("decoder.conv_in.weight", 4).dim(1)
            : w.shape("encoder.conv_out.weight", 4).dim(0) / 2);
        c.put("layers_per_block", layers);
        c.put("norm_num_groups", NORM_GROUPS);
        c.put("scaling_factor", xl ? Family.SDXL.vaeScale() : Family.SD1.vaeScale());
        c.put("force_upcast", xl);
        c.put("sample_size", xl ? 1024 : 512);
        c.put("use_quant_conv", w.has("quant_conv.weight"));
        c.put("use_post_quant_conv", w.has("post_quant_conv.weight"));
        ArrayNode widths = c.putArray("block_out_channels");
        channels.forEach(widths::add);
        ArrayNode down = c.putArray("down_block_types");
        ArrayNode up = c.putArray("up_block_types");
        channels.forEach(x -> down.add("DownEncoderBlock2D"));
        channels.forEach(x -> up.add("UpDecoderBlock2D"));
        return c;
    }

    /** Both autoencoders have the same shapes, so a file of its own is told by what its name or its metadata says. */
    private static boolean xl(Checkpoint weights, Family family) {
        if (family != Family.UNKNOWN) {
            return family.isXl();
        }
        String architecture = weights.metadata().getOrDefault("modelspec.architecture", "");
        String hints = (weights.source().getFileName() + " " + architecture).toLowerCase(Locale.ROOT);
        return Stream.of("sdxl", "xl_vae", "xl-vae", "diffusion-xl").anyMatch(hints::contains);
    }
}
