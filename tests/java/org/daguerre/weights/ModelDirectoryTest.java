package org.daguerre.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelDirectoryTest {
    private static final Path MODELS = Path.of("tests/fixtures/models");

    @TempDir
    Path folder;

    private static HostTensor number(String name, float value) {
        return HostTensor.of(name, Shape.of(1), new float[] {value});
    }

    private void weights(String file, float value) {
        SafetensorsWriter.write(folder.resolve(file), List.of(number("x", value)), Map.of());
    }

    private float value() {
        try (Checkpoint c = ComponentDirectory.open(folder).weights()) {
            return c.tensor("x").toFloats()[0];
        }
    }

    @Test
    void familiesOfTheFixtures() {
        Map.of("tiny-sd1", Family.SD1, "tiny-inpaint", Family.SD1, "tiny-sd2v", Family.SD2, "tiny-depth", Family.SD2,
            "tiny-sdxl", Family.SDXL, "tiny-sdxl-refiner", Family.SDXL_REFINER).forEach((name, family) -> {
                ModelDirectory model = ModelDirectory.open(MODELS.resolve(name));
                assertEquals(family, model.family(), name);
                assertTrue(model.has("unet") && model.has("vae") && model.has("scheduler"));
            });
    }

    @Test
    void absentComponents() {
        ModelDirectory refiner = ModelDirectory.open(MODELS.resolve("tiny-sdxl-refiner"));
        assertFalse(refiner.has("text_encoder"));
        assertFalse(refiner.has("../tiny-sd1"));
        assertTrue(refiner.components().contains("text_encoder_2"));
        assertThrows(CheckpointException.class, () -> refiner.weights("text_encoder"));
        assertEquals("EulerDiscreteScheduler", refiner.componentClass("scheduler"));
        assertThrows(CheckpointException.class, () -> ModelDirectory.open(MODELS));
        assertThrows(CheckpointException.class, () -> ModelDirectory.open(MODELS.resolve("nothing")));
    }

    @Test
    void plainWeightsBeforeHalfPrecision() {
        weights("diffusion_pytorch_model.fp16.safetensors", 16);
        assertEquals(16, value());
        weights("diffusion_pytorch_model.safetensors", 32);
        assertEquals(32, value());
    }

    /** Names that publishers use, each a value lower than the one before it and therefore preferred to it. */
    @Test
    void variants() throws IOException {
        int value = 20;
        weights("diffusion_pytorch_model.non_ema.safetensors", --value);
        assertEquals(value, value());
        weights("part.safetensors", --value);
        for (String index : List.of("bf16.safetensors.index.json", "safetensors.index.bf16.json")) {
            Files.writeString(folder.resolve("diffusion_pytorch_model." + index), "{\"weight_map\":{\"x\":\"part.safetensors\"}}");
            assertEquals(value, value());
            Files.delete(folder.resolve("diffusion_pytorch_model." + index));
        }
        weights("diffusion_pytorch_model.bf16.safetensors", --value);
        assertEquals(value, value());
        weights("model.fp16.safetensors", --value);
        assertEquals(value, value());
        weights("model.safetensors", --value);
        assertEquals(value, value());
    }

    @Test
    void noWeights() throws IOException {
        Files.writeString(folder.resolve("config.json"), "{}");
        String message = assertThrows(CheckpointException.class, () -> ComponentDirectory.open(folder).weights())
            .getMessage();
        assertTrue(message.startsWith(folder.toString()) && message.contains("weights"), message);
    }

    @Test
    void shardedSet() throws IOException {
        SafetensorsWriter.write(folder.resolve("model-1.safetensors"), List.of(number("x", 1), number("z", 9)),
            Map.of());
        SafetensorsWriter.write(folder.resolve("model-2.safetensors"), List.of(number("y", 2)), Map.of("k", "v"));
        Path index = folder.resolve("model.safetensors.index.json");
        Files.writeString(index, "{\"metadata\":{\"total_size\":8},\"weight_map\":"
            + "{\"y\":\"model-2.safetensors\",\"x\":\"model-1.safetensors\"}}");
        try (Checkpoint c = ComponentDirectory.open(folder).weights()) {
            assertEquals(List.of("y", "x"), List.copyOf(c.names()));
            assertEquals(2, c.tensor("y").toFloats()[0]);
            assertEquals("v", c.metadata().get("k"));
            assertThrows(CheckpointException.class, () -> c.tensor("z"));
        }
    }

    @Test
    void shardsStayInTheirFolder() throws IOException {
        weights("shard.safetensors", 1);
        Path inner = Files.createDirectory(folder.resolve("inner"));
        for (String bad : List.of("../shard.safetensors", "/etc/passwd", "..", "", "a\\\\b", "missing.safetensors",
            "index.json")) {
            Path index = Files.writeString(inner.resolve("index.json"), "{\"weight_map\":{\"x\":\"" + bad + "\"}}");
            assertThrows(CheckpointException.class, () -> Checkpoints.open(index), bad);
        }
        Path index = Files.writeString(inner.resolve("index.json"), "{\"weight_map\":{\"x\":[1]}}");
        assertThrows(CheckpointException.class, () -> Checkpoints.open(index));
    }

    @Test
    void othersThanCheckpoints() throws IOException {
        assertFound("a folder", folder);
        assertFound("a web page", Files.writeString(folder.resolve("a"), "<!DOCTYPE html><html></html>"));
        assertFound("Git LFS", Files.writeString(folder.resolve("b"),
            "version https://git-lfs.github.com/spec/v1\noid"));
        assertFound("an empty file", Files.writeString(folder.resolve("c"), ""));
        assertFound("none of this name", folder.resolve("d"));
        assertFound("bytes 89 50 4e 47", Files.write(folder.resolve("e"),
            new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10}));
    }

    private static void assertFound(String expected, Path path) {
        String message = assertThrows(CheckpointException.class, () -> Checkpoints.open(path)).getMessage();
        assertTrue(message.contains(expected) && message.startsWith(path.toString()), message);
    }
}
