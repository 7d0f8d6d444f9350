package org.daguerre.testing;

import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;
import org.daguerre.weights.Checkpoint;
import org.daguerre.weights.Checkpoints;

/** Reference tensors of one file in tests/fixtures; images there are NCHW. */
public final class Goldens implements AutoCloseable {
    public static final Path ROOT = Path.of("tests/fixtures");

    private final Checkpoint file;

    private Goldens(Path path) {
        file = Checkpoints.open(path);
    }

    /** {@code components} or {@code pipelines} of a tiny model. */
    public static Goldens open(String model, String file) {
        return new Goldens(ROOT.resolve(model).resolve(file + ".safetensors"));
    }

    public static Goldens open(Path path) {
        return new Goldens(path);
    }

    public static Path model(String name) {
        return ROOT.resolve("models").resolve(name);
    }

    public static JsonNode json(Path path) {
        try {
            // Python writes -Infinity into JSON.
            return JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build().readTree(Files.readAllBytes(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static JsonNode meta(String model) {
        return json(ROOT.resolve(model).resolve("meta.json"));
    }

    public boolean has(String name) {
        return file.names().contains(name);
    }

    public HostTensor get(String name) {
        return file.tensor(name);
    }

    public float[] floats(String name) {
        return get(name).toFloats();
    }

    /** Bytes 0..255 as floats. */
    public float[] floats8(String name) {
        HostTensor t = get(name);
        float[] v = new float[Math.toIntExact(t.shape().count())];
        for (int i = 0; i < v.length; i++) {
            v[i] = t.data().get(i) & 0xff;
        }
        return v;
    }

    public int[] ints(String name) {
        HostTensor t = get(name);
        int[] v = new int[Math.toIntExact(t.shape().count())];
        if (t.dtype() == DType.I64) {
            for (int i = 0; i < v.length; i++) {
                v[i] = Math.toIntExact(t.data().getLong(8 * i));
            }
        } else {
            t.data().asIntBuffer().get(v);
        }
        return v;
    }

    /** An NCHW picture as an NHWC tensor of the given type. */
    public Tensor nhwc(Ops ops, String name, DType type) {
        HostTensor t = get(name);
        return ops.toNhwc(ops.upload(t.toFloats(), t.shape()), type);
    }

    /** Any tensor as it is, F32. */
    public Tensor upload(Ops ops, String name) {
        HostTensor t = get(name);
        return ops.upload(t.toFloats(), t.shape());
    }

    /** Compares an NHWC picture (or feature map) with an NCHW reference. */
    public void checkNhwc(Ops parent, String name, Tensor actual, double limit) {
        try (Ops ops = parent.child()) {
            check(name, ops.download(ops.toNchw(ops.cast(actual, DType.F32))), limit);
        }
    }

    /** Compares in the same element order. */
    public void check(Ops parent, String name, Tensor actual, double limit) {
        check(name, parent.download(actual), limit);
    }

    /** Relative L2 error at most {@code limit}; NaN fails. */
    public void check(String name, float[] actual, double limit) {
        close(name, floats(name), actual, limit);
    }

    public static void close(String name, float[] expected, float[] actual, double limit) {
        if (expected.length != actual.length) {
            fail(name + ": expected " + expected.length + " values, found " + actual.length);
        }
        double error = relativeL2(expected, actual);
        if (!(error <= limit)) {
            int worst = 0;
            for (int i = 0; i < expected.length; i++) {
                if (!(Math.abs(expected[i] - actual[i]) <= Math.abs(expected[worst] - actual[worst]))) {
                    worst = i;
                }
            }
            fail(name + ": relative L2 error " + error + " above " + limit + "; worst at " + worst + ": expected " + expected[worst]
                + ", found " + actual[worst]);
        }
    }

    public static double relativeL2(float[] expected, float[] actual) {
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < expected.length; i++) {
            difference += ((double) actual[i] - expected[i]) * ((double) actual[i] - expected[i]);
            norm += (double) expected[i] * expected[i];
        }
        return Math.sqrt(difference / norm);
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
