package org.daguerre.adapter.lora;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every name that trainers give to a module of SD 1.5, SD 2.1 and SDXL leads to that module. */
class LoraNamesTest {
    private static final Path LAYOUTS = Path.of("tests/fixtures/layouts");

    private static Set<String> modules(String layout) throws IOException {
        Set<String> modules = new TreeSet<>();
        if (!layout.isEmpty()) {
            for (String line : Files.readAllLines(LAYOUTS.resolve(layout + ".tsv"))) {
                String name = line.split("\t")[0];
                if (name.endsWith(".weight")) {
                    modules.add(name.substring(0, name.length() - ".weight".length()));
                }
            }
        }
        return modules;
    }

    @ParameterizedTest
    @CsvSource({"lora-sd15, sd15-unet, sd15-text_encoder, '', 1200",
        "lora-sd21, sd21-unet, sd21-text_encoder, '', 1300",
        "lora-sdxl, sdxl-base-unet, sdxl-base-text_encoder, sdxl-base-text_encoder_2, 3400"})
    void everySpellingLeadsToItsModule(String lora, String unet, String text, String text2,
                                        int expected) throws IOException {
        ModuleNames names = new ModuleNames(modules(unet), modules(text), modules(text2));
        int checked = 0;
        List<String> lines = Files.readAllLines(LAYOUTS.resolve(lora + ".tsv"));
        for (String line : lines.subList(1, lines.size())) {
            String[] cell = line.split("\t", -1);
            ModuleNames.Network network = cell[7].startsWith("unet.") ? ModuleNames.Network.UNET
                : cell[7].startsWith("text_encoder_2.") ? ModuleNames.Network.TEXT_2 : ModuleNames.Network.TEXT;
            Optional<ModuleNames.Target> target = Optional.of(new ModuleNames.Target(network, cell[0]));
            List<String> keys = List.of(cell[5] + ".lora_down.weight", cell[6] + ".lora_mid.weight",
                cell[7] + ".lora_A.weight", cell[7] + ".lora_B.default.weight", cell[7] + ".lora.up.weight",
                cell[7] + ".lora_linear_layer.down.weight",
                "base_model.model." + cell[7] + ".lora_A.weight", cell[8].replace("(down|up)", "up"));
            for (int i = 0; i < keys.size(); i++) {
                if (!(i == 1 ? cell[6] : i == 7 ? cell[8] : cell[7]).isEmpty()) {
                    String stem = LoraKey.parse(keys.get(i)).orElseThrow().stem();
                    assertEquals(target, names.find(stem), keys.get(i));
                    checked++;
                }
            }
        }
        assertTrue(checked > expected, "names checked: " + checked);
    }
}
