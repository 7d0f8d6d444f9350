package org.daguerre.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.daguerre.Request;
import org.daguerre.Size;
import org.daguerre.model.Model;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.Ops;
import org.daguerre.testing.Goldens;
import org.daguerre.testing.TestEngine;
import org.daguerre.weights.ModelDirectory;
import org.junit.jupiter.api.Test;

/** A denoising run with the U-Net recorded (CUDA graph): the bits of the eager run, and nothing in a step that a recording must not need. */
class RecordedRunTest {
    private static final int STEPS = 8;

    private static TestEngine recording() {
        Optional<TestEngine> engine = TestEngine.all().stream().filter(e -> e.type() == DType.F16).findFirst();
        assumeTrue(engine.isPresent(), "no engine that records was built");
        return engine.get();
    }

    @Test
    void equalsTheEagerRunBitForBit() {
        TestEngine engine = recording();
        assertArrayEquals(run(engine, eager(engine.open()), new ArrayList<>()), run(engine, engine.open(), new ArrayList<>()));
    }

    /** What a step costs once the recording exists, seen through the engine's counters between two steps. */
    @Test
    void aStepIsOneLaunchOfTheRecording() {
        TestEngine engine = recording();
        List<Backend.Statistics> counters = new ArrayList<>();
        run(engine, engine.open(), counters);
        for (int i = 4; i < STEPS; i++) {
            Backend.Statistics before = counters.get(i - 1);
            Backend.Statistics after = counters.get(i);
            assertEquals(1, after.graphLaunches() - before.graphLaunches(), "recordings launched in step " + i);
            assertEquals(0, after.systemAllocations() - before.systemAllocations(), "allocations in step " + i);
            assertEquals(0, after.synchronizations() - before.synchronizations(), "waits in step " + i);
            assertEquals(0, after.copies() - before.copies(), "host copies in step " + i);
            // Scaling and copying the input, guidance and the sampler's combination: a handful of element-wise launches.
            assertEquals(true, after.launches() - before.launches() <= 12, "other launches in step " + i + ": "
                + (after.launches() - before.launches()));
        }
    }

    private static float[] run(TestEngine engine, Backend backend, List<Backend.Statistics> counters) {
        try (backend; Ops ops = Ops.on(backend);
             Model model = Model.load(ModelDirectory.open(Goldens.model("tiny-sd1")), backend, null, Optional.empty(), false);
             UNetRunner runner = new UNetRunner(model.unet(), ops)) {
            Request request = Request.builder("a cat").negative("dog").steps(STEPS).guidanceScale(4).sampler("euler").size(64, 64).build();
            Generation.Extras extras = new Generation.Extras("", o -> null, o -> null, () -> {
                counters.add(backend.statistics());
                return false;
            }, Pass::alone, new LatentPreviews(model, Optional.empty(), backend));
            return new Generation(new Stage(model, runner, ops, null), Optional.empty(), new Conditions(), request, new Size(64, 64))
                .run(extras).picture().pixels().planes();
        }
    }

    /** The same engine without recordings. */
    private static Backend eager(Backend engine) {
        return (Backend) Proxy.newProxyInstance(Backend.class.getClassLoader(), new Class<?>[] {Backend.class}, (proxy, method, args) -> {
            if (method.getName().equals("canRecord")) {
                return false;
            }
            try {
                return method.invoke(engine, args);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        });
    }
}
