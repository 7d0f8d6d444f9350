package org.daguerre.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.daguerre.diffusion.SamplerConfig;
import org.daguerre.diffusion.sampler.Samplers;
import org.daguerre.image.Images;
import org.daguerre.image.PngWriter;
import org.daguerre.image.ValueRange;
import org.daguerre.tensor.HostTensor;
import org.daguerre.testing.GoldenRun;
import org.daguerre.testing.Goldens;
import org.daguerre.testing.TestEngine;
import org.daguerre.weights.SafetensorsWriter;

/** A reference run as a user would type it: names of samplers and schedules, PNG pictures, files of noise. */
final class GoldenArguments {
    private final GoldenRun run;
    private final Path folder;
    private final List<String> args = new ArrayList<>();

    private GoldenArguments(GoldenRun run, Path folder) {
        this.run = run;
        this.folder = folder;
    }

    /** @param folder for the files that the command line names */
    static String[] of(GoldenRun run, TestEngine engine, Path folder) throws IOException {
        GoldenArguments a = new GoldenArguments(run, folder);
        a.command();
        a.add("--model", GoldenRun.baseModel(run.model()));
        a.add("--device", engine.engine());
        a.add("--precision", engine.type().name().toLowerCase(Locale.ROOT));
        a.numbers();
        a.sampler();
        a.sizes();
        a.adapters();
        a.noise();
        a.add("--trace", folder.resolve("trace.safetensors"));
        a.add("-o", folder.resolve("picture.png"));
        return a.args.toArray(String[]::new);
    }

    private void add(String option, Object value) {
        args.add(option);
        args.add(String.valueOf(value));
    }

    private boolean has(String tensor) {
        return run.tensors().has(run.name() + "/" + tensor);
    }

    private HostTensor tensor(String name) {
        return run.tensors().get(run.name() + "/" + name);
    }

    private Path png(String name) throws IOException {
        HostTensor t = tensor(name);
        Path file = folder.resolve(name + ".png");
        PngWriter.write(file, Images.fromNchw(t.toFloats(), 0, t.shape().dim(1), t.shape().dim(2), t.shape().dim(3),
            ValueRange.UNIT),
            Map.of());
        return file;
    }

    private void command() throws IOException {
        String command = has("depth_map") ? "depth2img" : has("mask") ? "inpaint" : has("image") ? "img2img"
            : "txt2img";
        args.add(command);
        if (has("image")) {
            args.add(png("image").toString());
        }
        if (has("mask")) {
            args.add(png("mask").toString());
        }
        args.add(run.meta().get("prompt").textValue());
        if (has("depth_map")) {
            Path file = folder.resolve("depth.safetensors");
            SafetensorsWriter.write(file, List.of(tensor("depth_map").withName("depth_map")), Map.of());
            add("--depth-map", file);
        }
    }

    private void number(String key, String option) {
        if (run.meta().hasNonNull(key)) {
            add(option, run.meta().get(key).asText());
        }
    }

    private void numbers() {
        number("negative_prompt", "--negative");
        number("num_inference_steps", "--steps");
        number("guidance_scale", "--cfg-scale");
        number("guidance_rescale", "--guidance-rescale");
        number("strength", "--strength");
        number("denoising_start", "--denoising-start");
        number("denoising_end", "--denoising-end");
        number("aesthetic_score", "--aesthetic");
        number("negative_aesthetic_score", "--aesthetic-negative");
        // diffusers counts from 0 and skips in the positive prompt only; SDXL's normal layer is the last but one
        int usual = run.model().startsWith("tiny-sdxl") ? 2 : 1;
        if (run.meta().has("clip_skip")) {
            add("--clip-skip", run.meta().get("clip_skip").intValue() + usual);
            add("--clip-skip-negative", usual);
        } else if (run.name().startsWith("clip_skip2_both")) {
            add("--clip-skip", 2);
        }
    }

    /** By name; everything else is the model's own configuration and the class's defaults, as in the reference. */
    private void sampler() {
        JsonNode config = run.meta().get("scheduler_config");
        String name = Samplers.ofModel(new SamplerConfig(run.meta().get("scheduler_class").textValue(), Map.of()))
            .name();
        boolean multistep = config.path("algorithm_type").asText().equals("dpmsolver++");
        add("--sampler", (multistep ? "DPM++ 2M" : name) + (config.path("use_karras_sigmas").asBoolean() ? " Karras"
            : ""));
        if (config.has("timestep_spacing")) {
            add("--spacing", config.get("timestep_spacing").textValue());
        }
        if (config.path("rescale_betas_zero_snr").asBoolean()) {
            args.add("--zero-snr");
        }
    }

    private void pair(String key, String option, String separator) {
        JsonNode p = run.meta().get(key); // (height, width) or (top, left)
        if (p != null) {
            add(option, p.get(1).asText() + separator + p.get(0).asText());
        }
    }

    private void sizes() {
        add("--size", run.meta().get("width").asText() + "x" + run.meta().get("height").asText());
        pair("original_size", "--original-size", "x");
        pair("target_size", "--target-size", "x");
        pair("crops_coords_top_left", "--crop", ",");
    }

    private void adapters() throws IOException {
        Path files = Goldens.ROOT.resolve("adapters");
        JsonNode m = run.meta();
        if (m.has("lora")) {
            String family = run.model().equals("tiny-sdxl") ? "sdxl" : "sd1";
            // once by option, once by a tag in the prompt
            if (family.equals("sdxl")) {
                add("--lora", files.resolve("lora_sdxl_kohya.safetensors") + ":" + m.get("lora_scale").asText());
            } else {
                args.set(1, args.get(1) + "<lora:lora_sd1_kohya:" + m.get("lora_scale").asText() + ">");
                add("--lora-dir", files);
            }
        }
        if (run.name().startsWith("ti_")) {
            add("--embedding", files.resolve("ti_sd1_a1111.pt") + ":<tiny-style>");
        }
        if (m.has("hypernetwork")) {
            add("--hypernetwork", Goldens.ROOT.resolve(m.get("hypernetwork").textValue()) + ":"
                + m.get("hypernetwork_strength").asText());
        }
        if (has("cond_image")) {
            add("--controlnet", Goldens.model(run.model()) + ":" + m.get("controlnet_conditioning_scale").asText());
            add("--control-image", png("cond_image"));
        }
    }

    private void noise() {
        List<HostTensor> given = new ArrayList<>();
        for (String name : List.of("noise", "posterior_noise", "posterior_noise_masked")) {
            if (has(name)) {
                given.add(tensor(name).withName(name));
            }
        }
        if (run.name().startsWith("handover_refiner")) {
            given.add(tensor("init_latents").withName("latents"));
        }
        Path file = folder.resolve("noise.safetensors");
        SafetensorsWriter.write(file, given, Map.of());
        add("--noise", file);
    }
}
