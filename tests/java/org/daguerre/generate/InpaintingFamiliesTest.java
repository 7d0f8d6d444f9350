package org.daguerre.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.daguerre.Daguerre;
import org.daguerre.Request;
import org.daguerre.Result;
import org.daguerre.image.Image;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Shape;
import org.daguerre.testing.Goldens;
import org.daguerre.weights.Checkpoint;
import org.daguerre.weights.Checkpoints;
import org.daguerre.weights.ModelDirectory;
import org.daguerre.weights.SafetensorsWriter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Inpainting models of 9 channels of the families that have no recorded one: tiny models with five more input channels. */
class InpaintingFamiliesTest {
    @TempDir
    Path folder;

    /** The model with five more input channels, whose weights have this size. */
    private Path widened(String name, double size) throws Exception {
        Path model = folder.resolve(name + size);
        try (Stream<Path> files = Files.walk(Goldens.model(name))) {
            for (Path p : files.toList()) {
                Files.copy(p, model.resolve(Goldens.model(name).relativize(p).toString()));
            }
        }
        Path config = model.resolve("unet/config.json");
        Files.writeString(config, Files.readString(config).replace("\"in_channels\": 4", "\"in_channels\": 9"));
        List<HostTensor> tensors = new ArrayList<>();
        Path weights = model.resolve("unet/diffusion_pytorch_model.safetensors");
        Path wide = folder.resolve("wide.safetensors");
        try (Checkpoint file = Checkpoints.open(weights)) {
            for (String tensor : file.names()) {
                HostTensor t = file.tensor(tensor);
                tensors.add(tensor.equals("conv_in.weight") ? wide(t, size) : t);
            }
            SafetensorsWriter.write(wide, tensors, Map.of());
        }
        Files.move(wide, weights, StandardCopyOption.REPLACE_EXISTING);
        return model;
    }

    private static HostTensor wide(HostTensor t, double size) {
        float[] old = t.toFloats();
        int out = t.shape().dim(0);
        float[] v = new float[out * 9 * 9];
        Random random = new Random(5);
        for (int i = 0; i < v.length; i++) {
            int channel = i / 9 % 9;
            v[i] = channel < 4 ? old[(i / 81 * 4 + channel) * 9 + i % 9] : (float) (size * random.nextGaussian());
        }
        return HostTensor.of(t.name(), Shape.of(out, 9, 3, 3), v);
    }

    private static Image mask(int whiteFrom) {
        float[] v = new float[64 * 64];
        for (int y = 0; y < 64; y++) {
            Arrays.fill(v, y * 64 + whiteFrom, (y + 1) * 64, 1);
        }
        return Image.of(1, 64, 64, v);
    }

    private static Result run(Path model, Image mask, Map<String, HostTensor> trace) {
        float[] v = new float[3 * 64 * 64];
        Random random = new Random(2);
        for (int i = 0; i < v.length; i++) {
            v[i] = random.nextInt(256) / 255f;
        }
        try (Daguerre sd = Daguerre.builder().model(model).device("java").open()) {
            Request.Builder b = Request.builder("a red cat").negative("blurry").steps(2).seed(7).size(64, 64)
                .trace(t -> trace.put(t.name(), t));
            return sd.generate((mask == null ? b : b.image(Image.of(3, 64, 64, v)).mask(mask).strength(1)).build());
        }
    }

    /**
     * Where everything is repainted, channels that weigh nothing make the picture that the prompt alone makes. Those with weights
     * make another, and unmasked pixels stay.
     */
    @ParameterizedTest
    @ValueSource(strings = {"tiny-sd2v", "tiny-sdxl"})
    void nineChannels(String name) throws Exception {
        Map<String, HostTensor> plain = new HashMap<>();
        Map<String, HostTensor> mute = new HashMap<>();
        Map<String, HostTensor> wide = new HashMap<>();
        Path inpainting = widened(name, 0.2);
        assertEquals(ModelDirectory.open(Goldens.model(name)).family(), ModelDirectory.open(inpainting).family());
        run(Goldens.model(name), null, plain);
        run(widened(name, 0), mask(0), mute);
        Goldens.close(name, plain.get("latents").toFloats(), mute.get("latents").toFloats(), 1e-5);
        Result result = run(inpainting, mask(32), wide);
        assertTrue(Goldens.relativeL2(plain.get("latents").toFloats(), wide.get("latents").toFloats()) > 1e-3);
        Random random = new Random(2);
        for (int i = 0; i < 3 * 64 * 64; i++) {
            float original = random.nextInt(256) / 255f;
            assertTrue(i % 64 >= 32 || original == result.picture().pixels().planes()[i], "value " + i + " is not masked");
        }
    }
}
