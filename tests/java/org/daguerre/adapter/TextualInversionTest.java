package org.daguerre.adapter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.daguerre.nn.Probe;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;
import org.daguerre.testing.Goldens;
import org.daguerre.testing.MapCheckpoint;
import org.daguerre.testing.TestEngine;
import org.daguerre.testing.TestEngine.Tolerance;
import org.daguerre.text.TextEncoder;
import org.daguerre.text.TextEncoderConfig;
import org.daguerre.weights.Checkpoint;
import org.daguerre.weights.CheckpointException;
import org.daguerre.weights.Checkpoints;
import org.daguerre.weights.ModelDirectory;
import org.daguerre.weights.Weights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The same two vectors in every format, and what the text encoders make of them. */
class TextualInversionTest {
    private static final List<String> SD1 = List.of("ti_sd1_a1111.pt", "ti_sd1_paramdict_legacy.pt",
        "ti_sd1_diffusers.bin",
        "ti_sd1_emb_params.safetensors");

    static List<TestEngine> engines() {
        return TestEngine.all();
    }

    static Stream<Arguments> files() {
        List<Arguments> all = new ArrayList<>();
        engines().forEach(e -> SD1.forEach(f -> all.add(Arguments.of(e, f))));
        return all.stream();
    }

    private static TextualInversion read(String file) {
        try (Checkpoint checkpoint = Checkpoints.open(Path.of("tests/fixtures/adapters", file))) {
            return TextualInversion.read(checkpoint);
        }
    }

    private static TextEncoder encoder(Backend backend, String model, String component) {
        ModelDirectory directory = ModelDirectory.open(Goldens.model(model));
        try (Checkpoint file = directory.weights(component)) {
            return TextEncoder.load(Ops.on(backend), Weights.of(file),
                TextEncoderConfig.of(directory.config(component)));
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void agreesWithTheReference(TestEngine engine, String file) throws Exception {
        try (Backend backend = engine.open(); Goldens golden = Goldens.open("tiny-sd1", "components");
             Ops ops = Ops.on(backend);
             TextEncoder encoder = encoder(backend, "tiny-sd1", "text_encoder")) {
            LearnedWords words = new LearnedWords().add("", read(file));
            encoder.extend(words.vectors(0, encoder.config().width()));
            int[][] ids = {golden.ints("ti/input_ids")};
            Tensor hidden = encoder.encode(ops, ids, 0, true, null, Probe.NONE).hidden();
            golden.check(ops, "ti/last_hidden", hidden, engine.limit(Tolerance.TEXT));
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void agreesInBothEncodersOfSdxl(TestEngine engine) throws Exception {
        try (Backend backend = engine.open(); Goldens golden = Goldens.open("tiny-sdxl", "components");
             Ops ops = Ops.on(backend);
             TextEncoder one = encoder(backend, "tiny-sdxl", "text_encoder");
             TextEncoder two = encoder(backend, "tiny-sdxl", "text_encoder_2")) {
            LearnedWords words = new LearnedWords().add("<tiny-style>", read("ti_sdxl.safetensors"));
            one.extend(words.vectors(0, one.config().width()));
            two.extend(words.vectors(1, two.config().width()));
            int[][] ids2 = {golden.ints("ti/input_ids_2")};
            int[] end = {0};
            while (ids2[0][end[0]] != two.config().vocabulary() - 1) {
                end[0]++;
            }
            Tensor left = one.encode(ops, new int[][] {golden.ints("ti/input_ids")}, 1, false, null, Probe.NONE)
                .hidden();
            TextEncoder.Output right = two.encode(ops, ids2, 1, false, end, Probe.NONE);
            golden.check(ops, "ti/context", ops.concat(left, right.hidden()), engine.limit(Tolerance.TEXT));
            golden.check(ops, "ti/pooled", right.pooled(), engine.limit(Tolerance.TEXT));
        }
    }

    @ParameterizedTest
    @CsvSource({"ti_sd1_a1111.pt, tiny-style, 2", "ti_sd1_paramdict_legacy.pt, tiny-style, 2",
        "ti_sd1_diffusers.bin, <tiny-style>, 2",
        "ti_sd1_emb_params.safetensors, ti_sd1_emb_params, 2", "ti_sd1_diffusers_1vec.safetensors, <tiny-style>, 1",
        "ti_sdxl.safetensors, ti_sdxl, 2"})
    void knowsNameAndVectors(String file, String name, int vectors) {
        TextualInversion inversion = read(file);
        assertEquals(name, inversion.name());
        assertEquals(vectors, inversion.vectors());
    }

    @Test
    void formatsAgree() {
        float[] expected = read(SD1.get(0)).forEncoder(0, 64);
        for (String file : SD1) {
            Goldens.close(file, expected, read(file).forEncoder(0, 64), 1e-3);
        }
        float[] first = read("ti_sd1_diffusers_1vec.safetensors").forEncoder(0, 64);
        Goldens.close("first vector", Arrays.copyOf(expected, 64), first, 1e-3);
    }

    @Test
    void wordsGetIdsAndVectorsInOneOrder() {
        TextualInversion two = read("ti_sd1_emb_params.safetensors");
        TextualInversion one = read("ti_sd1_diffusers_1vec.safetensors");
        LearnedWords words = new LearnedWords().add("first", two).add("", one);
        assertEquals(3, words.extensions(1000).vectors());
        assertEquals("first", words.extensions(1000).startingWith(1000).orElseThrow().text());
        assertEquals("<tiny-style>", words.extensions(1000).startingWith(1002).orElseThrow().text());
        float[] all = words.vectors(0, 64);
        assertArrayEquals(two.forEncoder(0, 64), Arrays.copyOf(all, 128));
        assertArrayEquals(one.forEncoder(0, 64), Arrays.copyOfRange(all, 128, 192));
    }

    @Test
    void refusesOtherModelsAndOtherFiles() {
        TextualInversion sdxl = read("ti_sdxl.safetensors");
        var e = assertThrows(CheckpointException.class, () -> sdxl.forEncoder(0, 64));
        assertTrue(e.getMessage().contains("32"), e.getMessage());
        MapCheckpoint several = new MapCheckpoint().with("a", new float[64], 1, 64).with("b", new float[64], 1, 64);
        assertThrows(CheckpointException.class, () -> TextualInversion.read(several));
        MapCheckpoint picture = new MapCheckpoint().with("a", new float[64], 1, 4, 16);
        assertThrows(CheckpointException.class, () -> TextualInversion.read(picture));
    }
}
