package org.daguerre.testing;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.daguerre.Adapters;
import org.daguerre.Control;
import org.daguerre.GivenTensors;
import org.daguerre.Request;
import org.daguerre.diffusion.Dialect;
import org.daguerre.diffusion.SamplerConfig;
import org.daguerre.diffusion.sampler.SamplerOptions;
import org.daguerre.diffusion.sampler.Samplers;
import org.daguerre.image.Image;
import org.daguerre.image.Images;
import org.daguerre.image.ValueRange;
import org.daguerre.tensor.HostTensor;

/** One pipeline run of a meta.json as a request: what the reference was told, with its random numbers. */
public record GoldenRun(String model, String name, JsonNode meta, Goldens tensors) {

    public static List<String> names(String model) {
        List<String> names = new ArrayList<>();
        Goldens.meta(model).get("pipelines").fieldNames().forEachRemaining(names::add);
        return names;
    }

    public static GoldenRun of(String model, String name, Goldens tensors) {
        return new GoldenRun(model, name, Goldens.meta(model).get("pipelines").get(name), tensors);
    }

    private boolean has(String tensor) {
        return tensors.has(name + "/" + tensor);
    }

    private Optional<HostTensor> tensor(String key) {
        return has(key) ? Optional.of(tensors.get(name + "/" + key)) : Optional.empty();
    }

    private double number(String key, double missing) {
        return meta.has(key) ? meta.get(key).doubleValue() : missing;
    }

    /** The run's model: ControlNet runs use the U-Net of tiny-sd1. */
    public static Path baseModel(String model) {
        return Goldens.model(model.equals("tiny-controlnet") ? "tiny-sd1" : model);
    }

    public Request.Builder request() {
        Request.Builder b = Request.builder(meta.get("prompt").textValue()).steps(meta.get("num_inference_steps").intValue())
            .guidanceScale(meta.get("guidance_scale").doubleValue()).guidanceRescale(number("guidance_rescale", 0))
            .size(meta.get("width").intValue(), meta.get("height").intValue()).sampling(sampling());
        if (meta.hasNonNull("negative_prompt")) {
            b.negative(meta.get("negative_prompt").textValue());
        }
        b.denoisingRange(number("denoising_start", 0), number("denoising_end", 1)).strength(number("strength", 0.75));
        clipSkip(b);
        sizes(b);
        b.adapters(adapters());
        picture("cond_image").ifPresent(c -> b.control(new Control(Goldens.model(model), c, meta.get("controlnet_conditioning_scale")
            .doubleValue())));
        picture("image").ifPresent(b::image);
        picture("mask").ifPresent(b::mask);
        return b.given(given());
    }

    private Adapters adapters() {
        Path folder = Goldens.ROOT.resolve("adapters");
        if (meta.has("lora")) {
            String kind = model.equals("tiny-sdxl") ? "sdxl" : "sd1";
            double weight = meta.get("lora_scale").doubleValue();
            return new Adapters(List.of(new Adapters.LoraUse(folder.resolve("lora_" + kind + "_kohya.safetensors"), weight, weight)),
                List.of(), Optional.empty());
        }
        if (name.startsWith("ti_")) {
            return new Adapters(List.of(), List.of(new Adapters.Embedding(folder.resolve("ti_sd1_a1111.pt"), Optional.of("<tiny-style>"))),
                Optional.empty());
        }
        if (meta.has("hypernetwork")) {
            Path file = Goldens.ROOT.resolve(meta.get("hypernetwork").textValue());
            return new Adapters(List.of(), List.of(), Optional.of(new Adapters.HypernetworkUse(file,
                meta.get("hypernetwork_strength").doubleValue())));
        }
        return Adapters.NONE;
    }

    private GivenTensors given() {
        boolean handover = name.startsWith("handover_refiner");
        return new GivenTensors(tensor("noise"), handover ? tensor("init_latents") : Optional.empty(), tensor("posterior_noise"),
            tensor("posterior_noise_masked"), List.of(), tensor("depth_map"));
    }

    /** diffusers counts from 0 and skips in the positive prompt only; SDXL's normal layer is the last but one. */
    private void clipSkip(Request.Builder b) {
        int usual = model.startsWith("tiny-sdxl") ? 2 : 1;
        if (meta.has("clip_skip")) {
            b.clipSkip(meta.get("clip_skip").intValue() + usual).clipSkipNegative(usual);
        } else if (name.startsWith("clip_skip2_both")) {
            b.clipSkip(2);
        }
    }

    private void sizes(Request.Builder b) {
        if (meta.has("original_size")) {
            b.originalSize(meta.get("original_size").get(1).intValue(), meta.get("original_size").get(0).intValue());
        }
        if (meta.has("target_size")) {
            b.targetSize(meta.get("target_size").get(1).intValue(), meta.get("target_size").get(0).intValue());
        }
        if (meta.has("crops_coords_top_left")) {
            b.crop(meta.get("crops_coords_top_left").get(1).intValue(), meta.get("crops_coords_top_left").get(0).intValue());
        }
        b.aesthetic(number("aesthetic_score", 6), number("negative_aesthetic_score", 2.5));
    }

    /** A picture of the run in 0..1. */
    public Optional<Image> picture(String key) {
        return tensor(key).map(t -> Images.fromNchw(t.toFloats(), 0, t.shape().dim(1), t.shape().dim(2), t.shape().dim(3), ValueRange.UNIT));
    }

    /** The class by our name, with every setting as the reference resolved it. */
    public SamplerOptions sampling() {
        String className = meta.get("scheduler_class").textValue();
        Map<String, Object> settings = new HashMap<>();
        SamplerConfig config = SamplerConfig.fromJson(meta.get("scheduler_config"));
        settings.putAll(config.values());
        for (Iterator<String> keys = meta.get("scheduler_config").fieldNames(); keys.hasNext();) {
            String key = keys.next();
            if (meta.get("scheduler_config").get(key).isNull()) {
                settings.remove(key);
            }
        }
        String sampler = Samplers.ofModel(new SamplerConfig(className, config.values())).name();
        return new SamplerOptions(Optional.of(sampler), Optional.empty(), Optional.empty(), Dialect.DIFFUSERS, false, settings);
    }
}
