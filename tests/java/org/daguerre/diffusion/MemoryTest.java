package org.daguerre.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.stream.Stream;
import org.daguerre.diffusion.random.Rng;
import org.daguerre.diffusion.random.SeededNoise;
import org.daguerre.diffusion.sampler.Sampler;
import org.daguerre.diffusion.sampler.Samplers;
import org.daguerre.reference.ReferenceBackend;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.Buffer;
import org.daguerre.tensor.HostBuffer;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every sampler on an engine that counts what is alive and fills freed memory with NaN: nothing is read after it was
 * freed, nothing stays behind but the result, and what a run holds does not grow with its steps.
 */
class MemoryTest {
    private static final int STEPS = 40;
    private static final SamplerConfig SD = SamplerConfig.stableDiffusion(Prediction.EPSILON)
        .with("original_inference_steps", 50);

    /** Live and largest number of tensors. */
    private static final class Count {
        private int live;
        private int peak;

        private Backend engine() {
            Backend inner = new ReferenceBackend();
            return (Backend) Proxy.newProxyInstance(Backend.class.getClassLoader(), new Class<?>[] {Backend.class},
                (proxy, method, args) -> {
                    if (method.getName().equals("alloc")) {
                        peak = Math.max(peak, ++live);
                    } else if (method.getName().equals("free")) {
                        live--;
                        Arrays.fill(((HostBuffer) (Buffer) args[0]).floats(), Float.NaN);
                    }
                    try {
                        return method.invoke(inner, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        }
    }

    @TestFactory
    Stream<DynamicTest> samplers() {
        return Samplers.all().stream().map(s -> dynamicTest(s.name() + " " + s.dialect(), () -> check(s)));
    }

    private static void check(Sampler sampler) {
        Count count = new Count();
        Plan plan = sampler.plan(SD, STEPS);
        try (Ops ops = Ops.on(count.engine())) {
            SeededNoise noise = new SeededNoise(Rng.PHILOX, 1, 1);
            Tensor x = plan.start(ops, noise.draw(ops, Golden.LATENTS));
            int before = count.live;
            Tensor end = new Sampling(plan, Golden.network(new ArrayList<>()), noise).run(ops, x);
            assertEquals(before + 1, count.live, "only the result stays");
            for (float v : ops.download(end)) {
                assertTrue(Float.isFinite(v), "nothing freed was read");
            }
        }
        assertEquals(0, count.live);
        assertTrue(count.peak <= 60, "at most a few steps' tensors at a time, found " + count.peak);
    }
}
