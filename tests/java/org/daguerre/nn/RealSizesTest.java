package org.daguerre.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.daguerre.control.ControlNet;
import org.daguerre.depth.DptHybrid;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Shape;
import org.daguerre.testing.NoBackend;
import org.daguerre.text.TextEncoder;
import org.daguerre.text.TextEncoderConfig;
import org.daguerre.unet.UNet;
import org.daguerre.unet.UNetConfig;
import org.daguerre.upscale.UpscalerNet;
import org.daguerre.vae.KlAutoencoder;
import org.daguerre.vae.TinyAutoencoder;
import org.daguerre.vae.VaeConfig;
import org.daguerre.weights.Checkpoint;
import org.daguerre.weights.JsonConfig;
import org.daguerre.weights.SingleFile;
import org.daguerre.weights.Weights;
import org.daguerre.weights.dialect.LayoutTable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every network takes every tensor of the published models, under both kinds of names, with published and with guessed
 * configuration.
 */
class RealSizesTest {
    /** As large as the largest tensor, the token table of OpenCLIP bigG. */
    private static final int LARGEST = 2 * 49408 * 1280;
    private static ByteBuffer zeros;

    @BeforeAll
    static void allocate() {
        zeros = HostTensor.allocate(LARGEST);
    }

    @AfterAll
    static void release() {
        zeros = null;
    }

    /** A checkpoint full of zeros. */
    private record Zeros(Map<String, Shape> shapes) implements Checkpoint {
        @Override
        public Set<String> names() {
            return shapes.keySet();
        }

        @Override
        public Shape shape(String name) {
            return shapes.get(name);
        }

        @Override
        public DType dtype(String name) {
            return DType.F16;
        }

        @Override
        public HostTensor tensor(String name) {
            Shape s = shape(name);
            return new HostTensor(name, DType.F16, s, zeros.slice(0, Math.toIntExact(2 * s.count())));
        }

        @Override
        public Map<String, String> metadata() {
            return Map.of();
        }

        @Override
        public Path source() {
            return Path.of("zeros");
        }

        @Override
        public void close() {
        }
    }

    private static void load(String component, Weights w, JsonConfig config) {
        Ops ops = Ops.on(NoBackend.open());
        switch (component) {
            case "unet" -> UNet.load(new Params(w, new ModelMemory(ops)), UNetConfig.of(config));
            case "controlnet" -> ControlNet.load(ops, w, config).close();
            case "vae" -> KlAutoencoder.load(ops, w, VaeConfig.of(config)).close();
            case "taesd" -> TinyAutoencoder.load(ops, w).close();
            case "depth_estimator" -> DptHybrid.load(ops, w, config).close();
            case "upscaler" -> UpscalerNet.load(ops, w).close();
            default -> TextEncoder.load(ops, w, TextEncoderConfig.of(config)).close();
        }
        assertEquals(Set.of(), w.unused());
    }

    @ParameterizedTest
    @CsvSource({"sd15-unet, unet, sd15/unet", "sd15-inpaint-unet, unet, sd15-inpaint/unet",
        "sd21-unet, unet, sd21-768-v/unet",
        "sd20-inpaint-unet, unet, sd20-inpaint/unet", "sd20-depth-unet, unet, sd20-depth/unet",
        "sdxl-base-unet, unet, sdxl-base/unet",
        "sdxl-refiner-unet, unet, sdxl-refiner/unet", "controlnet-sd15, controlnet, controlnet-canny-sd15",
        "controlnet-sdxl, controlnet, controlnet-canny-sdxl", "sd15-vae, vae, sd15/vae",
        "sd21-vae, vae, sd21-768-v/vae",
        "sdxl-base-vae, vae, sdxl-base/vae", "sd15-text_encoder, text_encoder, sd15/text_encoder",
        "sd21-text_encoder, text_encoder, sd21-768-v/text_encoder",
        "sdxl-base-text_encoder, text_encoder, sdxl-base/text_encoder",
        "sdxl-base-text_encoder_2, text_encoder_2, sdxl-base/text_encoder_2", "taesd, taesd, taesd",
        "sdxl-refiner-text_encoder_2, text_encoder_2, sdxl-refiner/text_encoder_2",
        "midas-dpt-hybrid, depth_estimator, sd20-depth/depth_estimator"})
    void takesDiffusersNames(String layout, String component, String config) {
        Path file = Path.of("tests/fixtures/layouts/configs", config, "config.json");
        load(component, Weights.of(new Zeros(LayoutTable.read(layout).diffusers())), JsonConfig.read(file));
    }

    @ParameterizedTest
    @CsvSource({"sd15-unet, unet", "sd15-inpaint-unet, unet", "sd21-unet, unet", "sd20-inpaint-unet, unet",
        "sd20-depth-unet, unet",
        "sdxl-base-unet, unet", "sdxl-refiner-unet, unet", "controlnet-sd15, controlnet", "controlnet-sdxl, controlnet",
        "sd15-vae, vae",
        "sd21-vae, vae", "sdxl-base-vae, vae", "sd15-text_encoder, text_encoder", "sd21-text_encoder, text_encoder",
        "sdxl-base-text_encoder_2, text_encoder_2", "sdxl-refiner-text_encoder_2, text_encoder_2",
        "midas-dpt-hybrid, depth_estimator",
        "realesrgan-x4plus, upscaler"})
    void takesOriginalNames(String layout, String component) {
        SingleFile file = SingleFile.of(new Zeros(LayoutTable.read(layout).originals()));
        load(component, Weights.of(file.weights(component)), file.config(component));
        assertEquals(Set.of(), file.unknown());
    }
}
