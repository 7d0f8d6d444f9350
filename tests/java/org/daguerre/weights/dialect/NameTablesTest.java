package org.daguerre.weights.dialect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.daguerre.tensor.Shape;
import org.daguerre.weights.Checkpoint;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every table of a real model, translated in both directions: nothing missing, nothing left over, every shape right.
 */
class NameTablesTest {
    private static final String UNET = "model.diffusion_model.";
    private static final String VAE = "first_stage_model.";

    /** The rules found from original names and those found from diffusers names. */
    private record Case(String file, String prefix, NameTable fromOriginal, NameTable fromDiffusers) {
    }

    private static Case unet(String file, String prefix) {
        LayoutTable t = LayoutTable.read(file);
        return new Case(file, prefix, UNetNames.table(UNetLayout.ofOriginal(t.originals().keySet(), prefix)),
            UNetNames.table(UNetLayout.ofDiffusers(t.diffusers().keySet())));
    }

    private static Case vae(String file) {
        LayoutTable t = LayoutTable.read(file);
        return new Case(file, VAE, VaeNames.ofOriginal(t.originals().keySet(), VAE),
            VaeNames.ofDiffusers(t.diffusers().keySet()));
    }

    private static Case openClip(String file, String prefix, int blocks, boolean pooled) {
        Collection<String> diffusers = LayoutTable.read(file).diffusers().keySet();
        return new Case(file, prefix, TextNames.openClip(blocks, pooled),
            TextNames.openClip(TextNames.layers(diffusers), pooled));
    }

    private static Case clip(String file, String prefix) {
        return new Case(file, prefix, TextNames.transformers(), TextNames.transformers());
    }

    private static Case midas() {
        LayoutTable t = LayoutTable.read("midas-dpt-hybrid");
        String prefix = "depth_model.model.";
        return new Case("midas-dpt-hybrid", prefix, DptNames.ofOriginal(t.originals().keySet(), prefix),
            DptNames.ofTransformers(t.diffusers().keySet()));
    }

    private static Case esrgan() {
        LayoutTable t = LayoutTable.read("realesrgan-x4plus");
        return new Case("realesrgan-x4plus", "", EsrganNames.ofOriginal(t.originals().keySet()),
            EsrganNames.numbered(23, 2));
    }

    private static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (String u : List.of("sd15-unet", "sd15-inpaint-unet", "sd21-unet", "sd20-depth-unet", "sd20-inpaint-unet",
            "sdxl-base-unet", "sdxl-refiner-unet")) {
            cases.add(unet(u, UNET));
        }
        cases.add(unet("controlnet-sd15", "control_model."));
        cases.add(unet("controlnet-sdxl", "control_model."));
        for (String v : List.of("sd15-vae", "sd21-vae", "sdxl-base-vae", "sdxl-refiner-vae")) {
            cases.add(vae(v));
        }
        cases.add(clip("sd15-text_encoder", "cond_stage_model.transformer."));
        cases.add(clip("sdxl-base-text_encoder", "conditioner.embedders.0.transformer."));
        cases.add(openClip("sd21-text_encoder", "cond_stage_model.model.", 23, false));
        cases.add(openClip("sdxl-base-text_encoder_2", "conditioner.embedders.1.model.", 32, true));
        cases.add(openClip("sdxl-refiner-text_encoder_2", "conditioner.embedders.0.model.", 32, true));
        cases.add(midas());
        cases.add(esrgan());
        return cases;
    }

    @TestFactory
    Stream<DynamicTest> originalToDiffusers() {
        return cases().stream().map(c -> DynamicTest.dynamicTest(c.file(), () -> {
            LayoutTable t = LayoutTable.read(c.file());
            MappedCheckpoint view =
                c.fromOriginal().diffusersView(LayoutTable.checkpoint(t.originals()), c.prefix());
            assertSameTensors(t.diffusers(), view);
            assertEquals(List.of(), List.copyOf(view.unknown()));
            TreeSet<String> unused = new TreeSet<>(t.originals().keySet());
            unused.removeAll(t.usedOriginals().keySet());
            assertEquals(unused, new TreeSet<>(view.skipped().keySet()));
            for (LayoutTable.Row r : t.rows()) {
                if (r.used()) {
                    assertEquals(List.of(r.original()), view.sourcesOf(r.name()));
                }
            }
        }));
    }

    @TestFactory
    Stream<DynamicTest> diffusersToOriginal() {
        return cases().stream().map(c -> DynamicTest.dynamicTest(c.file(), () -> {
            LayoutTable t = LayoutTable.read(c.file());
            MappedCheckpoint view =
                c.fromDiffusers().originalView(LayoutTable.checkpoint(t.diffusers()), c.prefix());
            assertSameTensors(t.usedOriginals(), view);
            assertEquals(List.of(), List.copyOf(view.unknown()));
        }));
    }

    /** The two files of the tiny autoencoder, told apart in the table by what precedes the colon. */
    @TestFactory
    Stream<DynamicTest> tinyAutoencoder() {
        return Stream.of("encoder", "decoder").map(half -> DynamicTest.dynamicTest(half, () -> {
            LayoutTable t = LayoutTable.read("taesd");
            String prefix = "taesd_" + half + ":";
            Map<String, Shape> originals = new LinkedHashMap<>(t.originals());
            originals.keySet().removeIf(n -> !n.startsWith(prefix));
            Map<String, Shape> expected = new LinkedHashMap<>(t.diffusers());
            expected.keySet().removeIf(n -> !n.startsWith(half + "."));
            NameTable table = half.equals("encoder") ? TaesdNames.encoder() : TaesdNames.decoder();
            assertTrue(expected.size() > 60, "rows: " + expected.size());
            assertSameTensors(expected, table.diffusersView(LayoutTable.checkpoint(originals), prefix));
            assertSameTensors(originals, table.originalView(LayoutTable.checkpoint(expected), prefix));
        }));
    }

    /** The parts of a stacked tensor are the rows that the table names. */
    @TestFactory
    Stream<DynamicTest> rows() {
        return Stream.of("sd21-text_encoder", "sdxl-base-text_encoder_2", "midas-dpt-hybrid").map(file ->
            DynamicTest.dynamicTest(file, () -> {
                Case c = cases().stream().filter(x -> x.file().equals(file)).findFirst().orElseThrow();
                LayoutTable t = LayoutTable.read(file);
                int checked = 0;
                for (LayoutTable.Row r : t.rows()) {
                    if (r.transform().startsWith("rows ")) {
                        String[] range = r.transform().substring(5).split(":");
                        int part = c.fromOriginal().partOf(r.name());
                        int rows = LayoutTable.shape(r.shape()).dim(0);
                        assertEquals(Integer.parseInt(range[0]), part * rows, r.name());
                        assertEquals(Integer.parseInt(range[1]), (part + 1) * rows, r.name());
                        checked++;
                    }
                }
                assertTrue(checked > 50, "rows: " + checked);
            }));
    }

    private static void assertSameTensors(Map<String, Shape> expected, Checkpoint found) {
        Map<String, Shape> shapes = new TreeMap<>();
        found.names().forEach(n -> shapes.put(n, found.shape(n)));
        assertEquals(new TreeMap<>(expected), shapes);
    }
}
