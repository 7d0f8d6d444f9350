package org.daguerre.diffusion.sampler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.daguerre.diffusion.Dialect;
import org.daguerre.diffusion.Plan;
import org.daguerre.diffusion.Prediction;
import org.daguerre.diffusion.SamplerConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SamplersTest {

    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {
        "euler, EulerDiscreteScheduler, -", "k_euler, EulerDiscreteScheduler, -",
            "Euler a, EulerAncestralDiscreteScheduler, -",
        "euler_ancestral, EulerAncestralDiscreteScheduler, -", "k_euler_a, EulerAncestralDiscreteScheduler, -",
        "dpm++ 2m karras, DPMSolverMultistepScheduler, karras", "DPM++ 2M Karras, DPMSolverMultistepScheduler, karras",
        "dpmpp_2m, DPMSolverMultistepScheduler, -", "k_dpmpp_2m, DPMSolverMultistepScheduler, -",
        "DPM++ 2M SDE, DPMSolverMultistepScheduler, -",
            "DPM++ 2M SDE Exponential, DPMSolverMultistepScheduler, exponential",
        "DPM++ 3M SDE Karras, DPMSolverMultistepScheduler, karras", "DPM++ SDE, DPMSolverSDEScheduler, -",
        "DPM++ 2S, DPMSolverSinglestepScheduler, -", "DPM++ 2S a, k_dpmpp_2s_ancestral, -",
        "DPM++ 2S a Karras, k_dpmpp_2s_ancestral, karras", "DPM2, KDPM2DiscreteScheduler, -",
        "DPM2 a Karras, KDPM2AncestralDiscreteScheduler, karras", "k_dpm_2, KDPM2DiscreteScheduler, -",
        "k_dpm_2_a, KDPM2AncestralDiscreteScheduler, -", "Heun, HeunDiscreteScheduler, -",
            "LMS Karras, LMSDiscreteScheduler, karras",
        "DDIM, DDIMScheduler, -", "ddpm, DDPMScheduler, -", "PLMS, PNDMScheduler, -", "pndm, PNDMScheduler, -",
        "UniPC, UniPCMultistepScheduler, -", "deis, DEISMultistepScheduler, -", "LCM, LCMScheduler, -",
            "tcd, TCDScheduler, -",
        "EulerDiscreteScheduler, EulerDiscreteScheduler, -", "euler sgm uniform, EulerDiscreteScheduler, sgm_uniform",
        "dpm++ 2m sde heun, k_dpmpp_2m_sde_heun, -"})
    void namesAsUsersWriteThem(String name, String className, String schedule) {
        Samplers.Named found = Samplers.find(name, Dialect.DIFFUSERS);
        assertEquals(className, found.sampler().scheme().className());
        assertEquals(Optional.ofNullable(schedule), found.schedule());
    }

    @ParameterizedTest
    @CsvSource({"Euler a, k_euler_ancestral", "DPM++ 2M Karras, k_dpmpp_2m", "DPM2 a, k_dpm_2_ancestral",
        "heun, k_heun",
        "DPM++ SDE, k_dpmpp_sde", "DPM++ 2M SDE, k_dpmpp_2m_sde", "DPM++ 3M SDE Exponential, k_dpmpp_3m_sde",
            "LMS, k_lms",
        "ddim, DDIMScheduler", "unipc, UniPCMultistepScheduler"})
    void kDiffusionNames(String name, String function) {
        assertEquals(function, Samplers.find(name, Dialect.K_DIFFUSION).sampler().scheme().className());
    }

    @Test
    void namesImplySettings() {
        SamplerConfig model = SamplerConfig.stableDiffusion(Prediction.EPSILON);
        Plan sde = Samplers.plan(model, SamplerOptions.named("dpm++ 3m sde"), 10);
        assertEquals("sde-dpmsolver++", sde.config().text("algorithm_type"));
        assertEquals(3, sde.config().integer("solver_order"));
        Plan plms = Samplers.plan(model.with("skip_prk_steps", false), SamplerOptions.named("plms"), 10);
        assertEquals(11, plms.count());
        Plan chosen = Samplers.plan(model, SamplerOptions.named("dpm++ 2m karras").withSchedule("exponential"), 10);
        assertEquals("exponential", chosen.config().text("schedule"), "the option wins over the name's suffix");
    }

    @Test
    void unknownNamesListTheKnown() {
        String message = assertThrows(IllegalArgumentException.class,
            () -> Samplers.find("nonsense", Dialect.DIFFUSERS)).getMessage();
        for (String name : Samplers.names()) {
            assertTrue(message.contains(name), message);
        }
        assertTrue(message.contains("\"nonsense\""), message);
        assertThrows(IllegalArgumentException.class, () -> Samplers.find("karras", Dialect.DIFFUSERS));
        assertThrows(IllegalArgumentException.class, () -> Samplers.find("", Dialect.DIFFUSERS));
    }

    @Test
    void everyListedNameIsFound() {
        for (Sampler s : Samplers.all()) {
            assertEquals(s, Samplers.find(s.name(), s.dialect()).sampler());
        }
    }
}
