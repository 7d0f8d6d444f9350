package org.daguerre.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.daguerre.reference.ReferenceBackend;
import org.daguerre.tensor.Ops;
import org.daguerre.testing.MapCheckpoint;
import org.daguerre.text.TextEncoderConfig;
import org.daguerre.unet.UNetConfig;
import org.daguerre.upscale.TiledUpscaler;
import org.daguerre.vae.VaeConfig;
import org.daguerre.weights.CheckpointException;
import org.daguerre.weights.JsonConfig;
import org.daguerre.weights.SingleFile;
import org.daguerre.weights.Weights;

/** Single files with real names and wrong shapes: what they hold is told, or they are refused. */
public final class RecognitionTarget {
    private static final List<String> TABLES = List.of("sd15-unet", "sd21-unet", "sdxl-base-unet", "sd15-vae", "sd15-text_encoder",
        "sdxl-base-text_encoder_2", "taesd", "controlnet-sd15", "midas-dpt-hybrid", "realesrgan-x4plus");

    private static final List<List<String>> NAMES = TABLES.stream().map(t -> MadeCheckpoint.names(t, 0, 2)).toList();

    private RecognitionTarget() {
    }

    static Stream<byte[]> seeds() {
        byte[] all = new byte[600];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) (i * 7 % 200);
        }
        Corpus corpus = Corpus.of("recognition");
        for (int table = 0; table < TABLES.size(); table++) {
            byte[] own = all.clone();
            own[0] = (byte) table;
            corpus.with(own).with(("" + (char) table + "abcdefghijklmnopqrst").getBytes(StandardCharsets.US_ASCII));
        }
        return corpus.stream();
    }

    public static void fuzzerTestOneInput(byte[] data) {
        Choices choices = new Choices(data);
        MapCheckpoint made = MadeCheckpoint.read(choices, NAMES.get(choices.below(NAMES.size())));
        expectRefusal(() -> {
            try (SingleFile file = SingleFile.of(made)) {
                expectRefusal(file::prediction);
                expectRefusal(file::task);
                for (String component : file.components()) {
                    expectRefusal(() -> read(component, file));
                    expectRefusal(() -> file.weights(component).names().forEach(n -> file.weights(component).tensor(n)));
                }
            }
        });
    }

    private static void read(String component, SingleFile file) {
        JsonConfig config = file.config(component);
        switch (component) {
            case "unet", "controlnet" -> UNetConfig.of(config);
            case "vae" -> VaeConfig.of(config);
            case "text_encoder", "text_encoder_2" -> TextEncoderConfig.of(config);
            case "upscaler" -> {
                try (Ops ops = Ops.on(new ReferenceBackend()); TiledUpscaler upscaler = TiledUpscaler.load(ops, Weights.of(file.weights(component)))) {
                    upscaler.scale();
                }
            }
            default -> config.keys();
        }
    }

    private static void expectRefusal(Runnable reading) {
        try {
            reading.run();
        } catch (CheckpointException | IllegalArgumentException e) {
            // refused: the other good end
        }
    }
}
