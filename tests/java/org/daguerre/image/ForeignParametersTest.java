package org.daguerre.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Texts in the form that other programs write. */
class ForeignParametersTest {
    @Test
    void webUiWithHiresAndLora() {
        ParametersText p = ParametersText.parse("""
                masterpiece, 1girl, (blue eyes:1.2), <lora:detail_v2:0.7>,
                standing in [a field|a forest]
                Negative prompt: EasyNegative, (worst quality:1.4),
                text, watermark
                Steps: 28, Sampler: DPM++ 2M Karras, CFG scale: 7.5, Seed: 3141592653, Size: 512x768, \
                Model hash: 6ce0161689, Model: v1-5-pruned-emaonly, VAE hash: 735e4c3a44, \
                VAE: vae-ft-mse-840000.safetensors, Denoising strength: 0.45, Clip skip: 2, Hires upscale: 1.5, \
                Hires steps: 15, Hires upscaler: R-ESRGAN 4x+ Anime6B, \
                Lora hashes: "detail_v2: 8a9f1c2b3d4e, add: 7c6bad76eb54", \
                TI hashes: "EasyNegative: c74b4e810b03", Version: v1.6.0-2-g4afaaf8a""");
        assertEquals("masterpiece, 1girl, (blue eyes:1.2), <lora:detail_v2:0.7>,\nstanding in [a field|a forest]",
                p.prompt());
        assertEquals(Optional.of("EasyNegative, (worst quality:1.4),\ntext, watermark"), p.negative());
        assertEquals("DPM++ 2M Karras", p.settings().get("Sampler"));
        assertEquals("R-ESRGAN 4x+ Anime6B", p.settings().get("Hires upscaler"));
        assertEquals("detail_v2: 8a9f1c2b3d4e, add: 7c6bad76eb54", p.settings().get("Lora hashes"));
        assertEquals("v1.6.0-2-g4afaaf8a", p.settings().get("Version"));
        assertEquals(17, p.settings().size());
        assertEquals(p, ParametersText.parse(p.format()));
    }

    @Test
    void forgeWithControlNet() {
        ParametersText p = ParametersText.parse("""
                a bridge at dawn
                Steps: 20, Sampler: Euler a, Schedule type: Automatic, CFG scale: 7, Seed: 7, Size: 1024x1024, \
                Model hash: 31e35c80fc, Model: sd_xl_base_1.0, RNG: CPU, \
                ControlNet 0: "Module: canny, Model: controlnet-canny-sdxl [e5e5bb9f], Weight: 0.8, \
                Resize Mode: Crop and Resize, Threshold A: 100, Threshold B: 200, Guidance Start: 0.0, \
                Guidance End: 1.0, Pixel Perfect: True", \
                Hires prompt: "a bridge,\\n\\"golden\\" hour", Module 1: sdxl_vae, \
                Version: f2.0.1v1.10.1-previous-659-gc055f2d4""");
        assertEquals("a bridge at dawn", p.prompt());
        assertTrue(p.negative().isEmpty());
        assertTrue(p.settings().get("ControlNet 0").endsWith("Pixel Perfect: True"));
        assertEquals("a bridge,\n\"golden\" hour", p.settings().get("Hires prompt"));
        assertEquals("f2.0.1v1.10.1-previous-659-gc055f2d4", p.settings().get("Version"));
        assertEquals(p, ParametersText.parse(p.format()));
    }

    @Test
    void civitaiWithUnquotedJson() {
        ParametersText p = ParametersText.parse("portrait\r\nNegative prompt: bad hands\r\nSteps: 25, "
                + "Sampler: DPM++ SDE, CFG scale: 5, Seed: 99, Size: 832x1216, Clip skip: 2, "
                + "Hashes: {\"vae\": \"735e4c3a44\", \"lora:x, y\": \"aa:bb\"}, "
                + "Created Date: 2024-05-01T12:30:15.123Z, Civitai resources: ["
                + "{\"type\":\"checkpoint\",\"modelVersionId\":128078},{\"type\":\"lora\","
                + "\"weight\":0.6}], Civitai metadata: {}");
        assertEquals("portrait", p.prompt());
        assertEquals(Optional.of("bad hands"), p.negative());
        assertEquals("{\"vae\": \"735e4c3a44\", \"lora:x, y\": \"aa:bb\"}", p.settings().get("Hashes"));
        assertEquals("2024-05-01T12:30:15.123Z", p.settings().get("Created Date"));
        assertTrue(p.settings().get("Civitai resources").endsWith("\"weight\":0.6}]"));
        assertEquals("{}", p.settings().get("Civitai metadata"));
        assertEquals(p, ParametersText.parse(p.format()));
    }

    @Test
    void linesBelowTheSettingsBecomeSettings() {
        ParametersText p = ParametersText.parse("a red car\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 5, "
                + "Size: 64x64\nTemplate: a {red|blue} car\nwith, wheels\nNegative Template: none\n");
        assertEquals("a red car", p.prompt());
        assertEquals("a {red|blue} car\nwith, wheels", p.settings().get("Template"));
        assertEquals("none", p.settings().get("Negative Template"));
        assertEquals("64x64", p.settings().get("Size"));
    }

    @Test
    void emptyPromptBareWordsAndOtherFirstKeys() {
        ParametersText p = ParametersText.parse("Negative prompt: x\nSteps: 4, Tiling, ENSD: 31337, Eta: 0.67,");
        assertEquals("", p.prompt());
        assertEquals(Map.of("Steps", "4", "Tiling", "Tiling", "ENSD", "31337", "Eta", "0.67"), p.settings());
        ParametersText other = ParametersText.parse("a dog\nSampler: Euler, Steps: 4, Seed: 3");
        assertEquals("a dog", other.prompt());
        assertEquals("3", other.settings().get("Seed"));
    }
}
