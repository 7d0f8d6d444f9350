package org.daguerre.testing;

import java.util.ArrayList;
import java.util.List;
import org.daguerre.backend.Engines;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.DType;

/**
 * An engine in one storage type: what the parameterised tests run over. Engines that were not built are left out; the reference engine is
 * always there. {@code -Dtest.engine=cpu} restricts to one.
 */
public record TestEngine(String engine, DType type) {

    /** Every engine and type that this build can run. */
    public static List<TestEngine> all() {
        List<TestEngine> found = new ArrayList<>();
        String only = System.getProperty("test.engine", "");
        for (Engines.Status status : Engines.list()) {
            if (status.available() && (only.isEmpty() || only.equals(status.name()))) {
                for (DType type : types(status.name())) {
                    found.add(new TestEngine(status.name(), type));
                }
            }
        }
        return found;
    }

    /** Those behind {@code kernels.h}: all but {@code java}. */
    public static List<TestEngine> natives() {
        return all().stream().filter(e -> !e.engine().equals("java")).toList();
    }

    private static List<DType> types(String engine) {
        return switch (engine) {
            case "java" -> List.of(DType.F32);
            case "cpu" -> List.of(DType.F32, DType.BF16);
            default -> List.of(DType.F16, DType.BF16);
        };
    }

    public Backend open() {
        return Engines.open(engine, new Engines.Options(type, 0, 0, "")).backend();
    }

    /** The column of the goldens' tolerance evidence that this engine is measured by. */
    public String column() {
        return switch (type) {
            case F32 -> "fp32";
            case F16 -> "fp16";
            default -> "bf16";
        };
    }

    /** Three times the error of plain PyTorch in the same type (largest over all tensors of the kind), or 1e-4 in f32. */
    public double limit(Tolerance kind) {
        return switch (type) {
            case F32 -> kind.f32;
            case F16 -> 3 * kind.f16;
            default -> 3 * kind.bf16;
        };
    }

    @Override
    public String toString() {
        return engine + "-" + type;
    }

    /** Largest relative L2 error of plain PyTorch per kind of tensor; from the table in tests/fixtures/README.md. */
    public enum Tolerance {
        CONTROLNET(1e-4, 2.0e-3, 1.7e-2),
        DPT(1e-3, 1.6e-2, 7.5e-2),
        ESRGAN(1e-4, 6.7e-4, 6.5e-3),
        TAESD(1e-4, 1.1e-3, 1.2e-2),
        UNET_INNER(1e-4, 1.9e-3, 1.8e-2),
        UNET(1e-4, 2.3e-3, 2.4e-2),
        VAE(1e-4, 1.8e-3, 2.0e-2),
        PIPELINE(1e-3, 2.8e-3, 3.2e-2),
        TEXT(1e-4, 1.0e-3, 9.2e-3);

        private final double f32;
        private final double f16;
        private final double bf16;

        Tolerance(double f32, double f16, double bf16) {
            this.f32 = f32;
            this.f16 = f16;
            this.bf16 = bf16;
        }
    }
}
