package org.daguerre.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Shape;
import org.daguerre.weights.dialect.LayoutTable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Single files hold the same numbers as the diffusers folder of the same model, under other names. */
class SingleFileTest {
    private static final Path MODELS = Path.of("tests/fixtures/models");

    @TestFactory
    Stream<DynamicTest> equalsTheFolder() {
        return Stream.of("tiny-sd1.safetensors", "tiny-sd2v.safetensors", "tiny-sdxl.safetensors")
            .map(name -> DynamicTest.dynamicTest(name, () -> {
                Path folder = MODELS.resolve(name.substring(0, name.indexOf('.')));
                try (ModelSource file = ModelSource.open(MODELS.resolve(name), folder);
                    ModelSource directory = ModelSource.open(folder)) {
                    for (String component : file.components()) {
                        assertSameTensors(directory.weights(component), file.weights(component));
                        assertEquals(directory.config(component).toJson(), file.config(component).toJson());
                    }
                    Set<String> networks = new TreeSet<>(directory.components());
                    networks.removeAll(Set.of("scheduler", "tokenizer", "tokenizer_2"));
                    assertEquals(networks, new TreeSet<>(file.components()));
                    assertEquals(directory.family(), file.family());
                }
            }));
    }

    static void assertSameTensors(Checkpoint expected, Checkpoint found) {
        assertEquals(new TreeSet<>(expected.names()), new TreeSet<>(found.names()));
        for (String name : expected.names()) {
            HostTensor a = expected.tensor(name);
            HostTensor b = found.tensor(name);
            assertEquals(a.shape(), b.shape(), name);
            assertEquals(a.shape(), found.shape(name), name);
            assertEquals(a.dtype(), b.dtype(), name);
            assertEquals(a.data(), b.data(), name);
        }
    }

    @Test
    void everyNameIsUsedOrSkippedWithAReason() {
        try (SingleFile file = SingleFile.open(MODELS.resolve("tiny-sd2v.safetensors"))) {
            assertEquals(Set.of(), file.unknown());
            assertEquals("contrastive temperature", file.skipped().get("cond_stage_model.model.logit_scale"));
            assertEquals(14, file.skipped().size()); // 12 of the last block, text_projection, logit_scale
        }
    }

    @Test
    void extraKeysOfTrainingAreSkipped() {
        Map<String, Shape> names = new LinkedHashMap<>(LayoutTable.read("sd15-unet").originals());
        int extras = 0;
        for (LayoutTable.Row r : LayoutTable.read("ldm-extra-keys").rows()) {
            String name = r.original().replace("<flattened name>", "diffusion_modelinput_blocks00weight");
            names.put(name, r.originalShape().equals("as source") ? Shape.of(320, 4, 3, 3)
                : LayoutTable.shape(r.originalShape()));
            extras++;
        }
        SingleFile file = SingleFile.of(LayoutTable.checkpoint(names));
        assertEquals(Set.of(), file.unknown());
        assertEquals(extras, file.skipped().size());
        assertFalse(file.has("vae"));
        assertTrue(assertThrows(CheckpointException.class, () -> file.weights("vae")).getMessage().contains("vae"));
    }

    /** Fine-tunes with a VAE under {@code vae.} and a text encoder without {@code text_model.}. */
    @Test
    void otherPrefixes() {
        Map<String, Shape> names = new LinkedHashMap<>(LayoutTable.read("sd15-unet").originals());
        LayoutTable vae = LayoutTable.read("sd15-vae");
        LayoutTable text = LayoutTable.read("sd15-text_encoder");
        vae.originals().forEach((n, s) -> names.put(n.replace("first_stage_model.", "vae."), s));
        text.originals().forEach((n, s) -> names.put(n.replace("text_model.", ""), s));
        names.put("something.else", Shape.of(1));
        SingleFile file = SingleFile.of(LayoutTable.checkpoint(names));
        assertEquals(vae.diffusers().keySet(), file.weights("vae").names());
        assertEquals(text.diffusers().keySet(), file.weights("text_encoder").names());
        assertEquals(Set.of("something.else"), file.unknown());
    }

    @Test
    void vaeWithAttentionNamesOfOldDiffusers() {
        Map<String, Shape> names = new LinkedHashMap<>();
        LayoutTable vae = LayoutTable.read("sd15-vae");
        vae.diffusers().forEach((n, s) -> names.put(n.replace(".to_q.", ".query.").replace(".to_k.", ".key.")
            .replace(".to_v.", ".value.").replace(".to_out.0.", ".proj_attn."), s));
        SingleFile file = SingleFile.of(LayoutTable.checkpoint(names));
        assertEquals(CheckpointKind.VAE, file.recognition().kind());
        assertEquals(vae.diffusers().keySet(), file.weights("vae").names());
    }

    /** Weights read through views: every name once, and what is left is named in full. */
    @Test
    void weightsRememberWhatWasRead() {
        try (ModelSource model = ModelSource.open(MODELS.resolve("tiny-sd1"))) {
            Weights w = Weights.of(model.weights("unet"));
            Weights conv = w.sub("conv_in");
            assertEquals("conv_in.", conv.prefix());
            assertEquals(Shape.of(32, 4, 3, 3), conv.tensor("weight", 32, 4, 3, 3).shape());
            assertEquals(Set.of("conv_in.bias"), conv.unused());
            assertFalse(w.unused().contains("conv_in.weight"));
            assertTrue(w.has("conv_in") && w.has("conv_in.bias") && !w.has("conv_i"));
            String wrong = assertThrows(CheckpointException.class, () -> conv.tensor("weight", 32, 5, 3, 3))
                .getMessage();
            assertTrue(wrong.contains("conv_in.weight") && wrong.contains("[32, 5, 3, 3]")
                && wrong.contains("[32, 4, 3, 3]"), wrong);
            String missing = assertThrows(CheckpointException.class, () -> conv.tensor("wait")).getMessage();
            assertTrue(missing.contains("conv_in.wait"), missing);
            w.names().forEach(w::tensor);
            assertEquals(Set.of(), w.unused());
        }
    }

    @Test
    void tinyAutoencoderFromTwoFiles() {
        Path folder = MODELS.resolve("tiny-taesd");
        for (String start : List.of("original_taesd_encoder.safetensors", "original_taesd_decoder.safetensors")) {
            try (Checkpoint whole = TinyAutoencoder.open(folder);
                Checkpoint halves = TinyAutoencoder.open(folder.resolve(start))) {
                assertSameTensors(whole, halves);
            }
        }
    }

    @Test
    void upscalers() {
        try (SingleFile x4 = SingleFile.open(MODELS.resolve("tiny-esrgan/x4.safetensors"));
            SingleFile x2 = SingleFile.open(MODELS.resolve("tiny-esrgan/x2.safetensors"))) {
            assertEquals(CheckpointKind.UPSCALER, x4.recognition().kind());
            assertEquals(4, x4.config("upscaler").getInt("scale"));
            assertEquals(2, x2.config("upscaler").getInt("scale"));
            assertArrayEquals(new int[] {3}, x4.config("upscaler").getInts("num_in_ch"));
        }
    }
}
