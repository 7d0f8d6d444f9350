package org.daguerre.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.TreeMap;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Shape;
import org.daguerre.weights.dialect.LayoutTable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RandomModelTest {

    /** The published lists of names and shapes. */
    @ParameterizedTest
    @CsvSource({"SD15, unet, sd15-unet", "SD15, vae, sd15-vae", "SD15, text_encoder, sd15-text_encoder",
    "SD21, unet, sd21-unet",
        "SD21, vae, sd21-vae", "SD21, text_encoder, sd21-text_encoder", "SDXL, unet, sdxl-base-unet",
        "SDXL, vae, sdxl-base-vae",
        "SDXL, text_encoder, sdxl-base-text_encoder", "SDXL, text_encoder_2, sdxl-base-text_encoder_2",
        "SDXL_REFINER, unet, sdxl-refiner-unet", "SDXL_REFINER, vae, sdxl-refiner-vae",
        "SDXL_REFINER, text_encoder_2, sdxl-refiner-text_encoder_2"})
    void hasThePublishedShapes(Architecture architecture, String component, String layout) {
        Map<String, Shape> expected = new TreeMap<>(LayoutTable.read(layout).diffusers());
        expected.keySet().removeIf(name -> name.endsWith("position_ids"));
        assertEquals(expected, new TreeMap<>(new RandomModel(architecture).shapes(component)));
    }

    @Test
    void valuesKeepTheSizeOfActivations() {
        try (var unet = new RandomModel(Architecture.SD15).weights("unet")) {
            for (String name : new String[] {"conv_in.weight", "mid_block.resnets.0.conv1.weight",
                "time_embedding.linear_1.weight"}) {
                HostTensor t = unet.tensor(name);
                float[] values = t.toFloats();
                double squares = 0;
                double sum = 0;
                for (float v : values) {
                    squares += v * v;
                    sum += v;
                }
                double inputs = (double) t.shape().count() / t.shape().dim(0);
                double gain = squares / values.length * inputs;
                assertTrue(gain > 0.45 && gain < 2.1, name + ": gain " + gain);
                assertTrue(Math.abs(sum / values.length) * Math.sqrt(inputs) < 0.05, name + ": mean " + sum
                    / values.length);
                assertEquals(t.data(), unet.tensor(name).data());
            }
            assertEquals(1, unet.tensor("conv_norm_out.weight").toFloats()[7]);
            assertEquals(0, unet.tensor("conv_out.bias").toFloats()[1]);
        }
    }
}
