package org.daguerre.bench;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.daguerre.weights.Family;

/** Published models that can be measured with random weights. */
public enum Architecture {
    SD15("sd15", Family.SD1, true),
    /** The autoencoder of SD 1.5 alone. */
    SD15_VAE("sd15", Family.SD1, false),
    SD21("sd21", Family.SD2, true),
    SDXL("sdxl", Family.SDXL, true),
    SDXL_REFINER("sdxl-refiner", Family.SDXL_REFINER, true);

    private final String configuration;
    private final Family family;
    private final boolean sampled;

    Architecture(String configuration, Family family, boolean sampled) {
        this.configuration = configuration;
        this.family = family;
        this.sampled = sampled;
    }

    /** @throws IllegalArgumentException for another name than those of {@code daguerre bench --arch} */
    public static Architecture of(String name) {
        return Arrays.stream(values()).filter(a -> a.title().equals(name.toLowerCase(Locale.ROOT))).findFirst()
            .orElseThrow(() ->
            new IllegalArgumentException("architecture: expected one of "
            + Arrays.stream(values()).map(Architecture::title)
                .collect(Collectors.joining(", ")) + ", found " + name));
    }

    /** Name as on the command line. */
    public String title() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Name of the published configuration among the resources. */
    String configuration() {
        return configuration;
    }

    Family family() {
        return family;
    }

    /** Whether the whole model is measured; else its autoencoder alone. */
    public boolean sampled() {
        return sampled;
    }
}
