package org.daguerre.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.daguerre.reference.ReferenceBackend;
import org.daguerre.tensor.Activation;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.PackedWeights;
import org.daguerre.tensor.Tensor;
import org.junit.jupiter.api.Test;

class ProfilerTest {

    @Test
    void addsUpCallsByOperationAndShape() {
        try (Backend engine = new ReferenceBackend()) {
            Profiler profiler = Profiler.of(engine);
            try (Ops ops = Ops.on(profiler.backend())) {
                Tensor x = ops.upload(new float[6 * 8], 6, 8);
                PackedWeights w = ops.backend().packLinear(ops.type(), RandomTensors.host(1, 4, 8), null, false);
                profiler.times().clear();
                ops.linear(x, w);
                ops.linear(x, w);
                ops.activation(x, Activation.SILU);
                ops.backend().free(w);
            }
            List<OperationTimes.Row> rows = profiler.times().slowestFirst();
            assertEquals(2, rows.size(), rows.toString());
            OperationTimes.Row linear = rows.stream().filter(r -> r.op().equals("linear")).findFirst().orElseThrow();
            assertEquals(2, linear.count());
            assertEquals("8 → 4, 6 rows", linear.shape());
            assertEquals(2 * 2 * 6 * 8 * 4, linear.flops());
            assertTrue(rows.stream().anyMatch(r -> r.op().equals("activation") && r.shape().equals("[6, 8]")
                && r.flops() == 0
                && r.bytes() == 2 * 4 * 48), rows.toString());
            assertTrue(rows.stream().allMatch(r -> r.ms() > 0));
        }
    }
}
