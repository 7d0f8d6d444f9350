package org.daguerre.weights.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.Shape;
import org.daguerre.weights.Checkpoint;
import org.daguerre.weights.CheckpointException;
import org.daguerre.weights.CheckpointKind;
import org.daguerre.weights.Checkpoints;
import org.daguerre.weights.Family;
import org.daguerre.weights.ModelSource;
import org.daguerre.weights.Recognition;
import org.daguerre.weights.SingleFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchFileTest {
    private static final Path MODELS = Path.of("tests/fixtures/models");
    private static final Path ADAPTERS = Path.of("tests/fixtures/adapters");

    @TempDir
    Path folder;

    private TorchFile open(byte[] bytes) throws IOException {
        return TorchFile.open(Files.write(Files.createTempFile(folder, "t", ".pt"), bytes));
    }

    private static void assertEqual(Checkpoint expected, Checkpoint found, Set<String> names) {
        for (String name : names) {
            assertEquals(expected.shape(name), found.shape(name), name);
            assertEquals(expected.dtype(name), found.dtype(name), name);
            assertEquals(expected.tensor(name).data(), found.tensor(name).data(), name);
        }
    }

    @Test
    void checkpointEqualsSafetensors() {
        try (Checkpoint safe = Checkpoints.open(MODELS.resolve("tiny-sd1.safetensors"));
            Checkpoint torch = Checkpoints.open(MODELS.resolve("tiny-sd1.ckpt"))) {
            assertInstanceOf(TorchFile.class, torch);
            assertEqual(safe, torch, safe.names());
            Set<String> more = new TreeSet<>(torch.names());
            more.removeAll(safe.names());
            assertTrue(more.contains("model_ema.num_updates") && more.contains("betas"), more.toString());
            assertEquals(DType.I32, torch.dtype("model_ema.num_updates"));
            assertEquals(DType.I64, torch.dtype("cond_stage_model.transformer.text_model.embeddings.position_ids"));
        }
    }

    @Test
    void checkpointEqualsTheFolder() {
        Path folderOfModel = MODELS.resolve("tiny-sd1");
        try (ModelSource torch = ModelSource.open(MODELS.resolve("tiny-sd1.ckpt"), folderOfModel);
            ModelSource directory = ModelSource.open(folderOfModel)) {
            for (String component : List.of("unet", "vae", "text_encoder")) {
                Checkpoint expected = directory.weights(component);
                Checkpoint found = torch.weights(component);
                assertEquals(expected.names(), new TreeSet<>(found.names()));
                assertEqual(expected, found, expected.names());
            }
            assertEquals(Set.of(), ((SingleFile) torch).unknown());
        }
    }

    @Test
    void upscalersUnderOldAndNewNames() {
        try (Checkpoint safe = Checkpoints.open(MODELS.resolve("tiny-esrgan/x4.safetensors"));
            SingleFile wrapped = SingleFile.open(MODELS.resolve("tiny-esrgan/x4.pth"));
            SingleFile old = SingleFile.open(MODELS.resolve("tiny-esrgan/x4_old_names.pth"))) {
            for (SingleFile f : List.of(wrapped, old)) {
                assertEquals(CheckpointKind.UPSCALER, f.recognition().kind());
                assertEquals(new TreeSet<>(safe.names()), new TreeSet<>(f.weights("upscaler").names()));
                assertEqual(safe, f.weights("upscaler"), safe.names());
                assertEquals(4, f.config("upscaler").getInt("scale"));
            }
        }
    }

    @Test
    void textualInversions() {
        try (Checkpoint plain = Checkpoints.open(ADAPTERS.resolve("ti_sd1_a1111.pt"));
            Checkpoint legacy = Checkpoints.open(ADAPTERS.resolve("ti_sd1_paramdict_legacy.pt"));
            Checkpoint diffusers = Checkpoints.open(ADAPTERS.resolve("ti_sd1_diffusers.bin"))) {
            assertEquals(Set.of("*"), plain.names());
            assertEquals(Set.of("*"), legacy.names());
            String token = diffusers.names().iterator().next();
            assertArrayEquals(plain.tensor("*").toFloats(), legacy.tensor("*").toFloats());
            assertArrayEquals(plain.tensor("*").toFloats(), diffusers.tensor(token).toFloats());
            for (Checkpoint c : List.of(plain, legacy, diffusers)) {
                assertEquals(CheckpointKind.TEXTUAL_INVERSION, Recognition.of(c).kind());
            }
            Map<?, ?> root = (Map<?, ?>) ((TorchFile) plain).root();
            assertEquals(265L, ((Map<?, ?>) root.get("string_to_token")).get("*"));
            assertNotNull(plain.metadata().get("name"));
        }
    }

    @Test
    void hypernetworks() {
        for (String name : List.of("hypernetwork_a.pt", "hypernetwork_a_old.pt", "hypernetwork_b.pt")) {
            try (TorchFile file = TorchFile.open(ADAPTERS.resolve(name))) {
                assertEquals(new Recognition(CheckpointKind.HYPERNETWORK, Family.UNKNOWN), Recognition.of(file), name);
                Map<?, ?> root = (Map<?, ?>) file.root();
                Object width = root.keySet().stream().filter(k -> k instanceof Long).findFirst().orElseThrow();
                List<?> pair = (List<?>) root.get(width);
                assertEquals(2, pair.size());
                Map<?, ?> module = (Map<?, ?>) pair.get(0);
                module.forEach((key, value) ->
                    assertEquals(file.shape(width + ".0." + key), ((TensorRef) value).shape()));
            }
        }
        try (TorchFile b = TorchFile.open(ADAPTERS.resolve("hypernetwork_b.pt"))) {
            Map<?, ?> root = (Map<?, ?>) b.root();
            assertInstanceOf(List.class, root.get("layer_structure"));
            assertInstanceOf(String.class, root.get("activation_func"));
        }
    }

    /** Views of one storage: a part, a transposed part, a repeated row; read through the root and by name. */
    @Test
    void stridedViews() throws IOException {
        byte[] pickle = PickleBytes.start().op('}').op('(')
            .text("part").tensor("FloatStorage", "s", 8, 2, new long[] {2, 3}, new long[] {3, 1})
            .text("transposed").tensor("FloatStorage", "s", 8, 2, new long[] {3, 2}, new long[] {1, 3})
            .text("column").tensor("FloatStorage", "s", 8, 1, new long[] {3}, new long[] {2})
            .text("repeated").tensor("FloatStorage", "s", 8, 7, new long[] {2, 2}, new long[] {0, 0})
            .text("cube").tensor("FloatStorage", "s", 8, 0, new long[] {2, 2, 2}, new long[] {1, 2, 4})
            .text("one").tensor("FloatStorage", "s", 8, 5, new long[] {1, 1}, new long[] {99, 77})
            .text("scalar").tensor("FloatStorage", "s", 8, 6, new long[] {}, new long[] {})
            .text("empty").tensor("FloatStorage", "s", 8, 8, new long[] {0, 4}, new long[] {4, 1})
            .op('u').end();
        byte[] data = PickleBytes.floats(0, 1, 2, 3, 4, 5, 6, 7);
        try (TorchFile file = open(PickleBytes.legacyFile(pickle, 4, "s", data))) {
            assertTrue(file.tensor("part").mapped());
            assertFalse(file.tensor("transposed").mapped(), "a copy");
            assertArrayEquals(new float[] {2, 3, 4, 5, 6, 7}, file.tensor("part").toFloats());
            assertArrayEquals(new float[] {2, 5, 3, 6, 4, 7}, file.tensor("transposed").toFloats());
            assertArrayEquals(new float[] {1, 3, 5}, file.tensor("column").toFloats());
            assertArrayEquals(new float[] {7, 7, 7, 7}, file.tensor("repeated").toFloats());
            assertArrayEquals(new float[] {0, 4, 2, 6, 1, 5, 3, 7}, file.tensor("cube").toFloats());
            assertArrayEquals(new float[] {5}, file.tensor("one").toFloats());
            assertArrayEquals(new float[] {6}, file.tensor("scalar").toFloats());
            assertEquals(Shape.of(), file.shape("scalar"));
            assertEquals(0, file.tensor("empty").bytes());
        }
    }

    @Test
    void tensorsOutsideTheirStorage() {
        long huge = Long.MAX_VALUE;
        Map<String, PickleBytes> cases = Map.of(
            "offset", PickleBytes.start().tensor("FloatStorage", "s", 8, 7, new long[] {2}, new long[] {1}),
            "stride", PickleBytes.start().tensor("FloatStorage", "s", 8, 0, new long[] {2}, new long[] {8}),
            "size", PickleBytes.start().tensor("FloatStorage", "s", 8, 0, new long[] {9}, new long[] {1}),
            "negative", PickleBytes.start().tensor("FloatStorage", "s", 8, -1, new long[] {1}, new long[] {1}),
            "negative stride", PickleBytes.start().tensor("FloatStorage", "s", 8, 7, new long[] {8}, new long[] {-1}),
            "overflow", PickleBytes.start().tensor("FloatStorage", "s", huge, huge, new long[] {4}, new long[] {huge}),
            "lie", PickleBytes.start().tensor("FloatStorage", "s", 1000, 900, new long[] {9}, new long[] {1}),
            "repeat", PickleBytes.start().tensor("FloatStorage", "s", 8, 0, new long[] {1 << 30}, new long[] {0}),
            "rank", PickleBytes.start().tensor("FloatStorage", "s", 8, 0, new long[] {1, 1}, new long[] {1}),
            "ranks", PickleBytes.start().tensor("FloatStorage", "s", 8, 0, new long[17], new long[17]));
        cases.forEach((name, pickle) -> assertThrows(CheckpointException.class,
            () -> open(PickleBytes.legacyFile(pickle.end(), 4, "s", new byte[32])), name));
    }

    @Test
    void storagesOutsideTheFile() {
        byte[] pickle = PickleBytes.start().tensor("FloatStorage", "s", 8, 0, new long[] {8}, new long[] {1}).end();
        byte[] whole = PickleBytes.legacyFile(pickle, 4, "s", new byte[32]);
        for (int size = 0; size < whole.length; size++) {
            byte[] cut = Arrays.copyOf(whole, size);
            assertThrows(CheckpointException.class, () -> open(cut), "size " + size);
        }
        assertThrows(CheckpointException.class, () -> open(PickleBytes.legacyFile(pickle, 4, "t", new byte[32])));
        assertThrows(CheckpointException.class, () -> open(PickleBytes.legacyFile(pickle, 4)));
        assertThrows(CheckpointException.class, () -> open(PickleBytes.legacyFile(pickle, 4, "s", new byte[16])));
    }

    @Test
    void unsupportedTypesAreSteppedOver() throws IOException {
        byte[] pickle = PickleBytes.start().op('}').op('(')
            .text("c").tensor("ComplexFloatStorage", "a", 2, 0, new long[] {2}, new long[] {1})
            .text("f").tensor("FloatStorage", "b", 1, 0, new long[] {1}, new long[] {1}).op('u').end();
        byte[] bytes = PickleBytes.legacyFile(pickle, 8, "a", new byte[16]);
        byte[] second = PickleBytes.floats(5);
        byte[] keys = PickleBytes.legacyFile(pickle, 8, "a", new byte[16], "b", new byte[8]);
        assertTrue(keys.length > bytes.length);
        // The last storage holds one element of four bytes: cut the four that the helper wrote too many.
        byte[] file = Arrays.copyOf(keys, keys.length - 4);
        System.arraycopy(second, 0, file, file.length - 4, 4);
        try (TorchFile torch = open(file)) {
            assertEquals(Set.of("f"), torch.names());
            assertArrayEquals(new float[] {5}, torch.tensor("f").toFloats());
        }
    }

    @Test
    void plainValues() throws IOException {
        byte[] pickle = PickleBytes.start().op('}').op('(')
            .text("none").op('N').text("true").op(0x88).text("double").op('G')
            .raw(new byte[] {0x3f, (byte) 0xf8, 0, 0, 0, 0, 0, 0})
            .text("line").ops("I-42\n").text("flag").ops("I01\n").text("long").ops("L123456789012345678901L\n")
            .text("float").ops("F2.5\n").text("quoted").ops("S'x'\n").text("list").op(']').number(1).op('a')
            .number(7).text("int key")
            .op('u').end();
        try (TorchFile file = open(PickleBytes.legacyFile(pickle, 4))) {
            Map<?, ?> root = (Map<?, ?>) file.root();
            assertSame(TorchFile.NONE, root.get("none"));
            assertEquals(true, root.get("true"));
            assertEquals(1.5, root.get("double"));
            assertEquals(-42L, root.get("line"));
            assertEquals(true, root.get("flag"));
            assertEquals(new BigInteger("123456789012345678901"), root.get("long"));
            assertEquals(2.5, root.get("float"));
            assertEquals("x", root.get("quoted"));
            assertEquals(List.of(1L), root.get("list"));
            assertEquals("int key", root.get(7L));
        }
    }
}
