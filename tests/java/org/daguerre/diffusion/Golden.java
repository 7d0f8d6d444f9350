package org.daguerre.diffusion;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Shape;
import org.daguerre.tensor.Tensor;

/** The published-class sampler runs of tests/fixtures/schedulers.{json,safetensors}: read once per test class. */
public final class Golden {
    public static final Shape LATENTS = Shape.of(1, 4, 4, 4);

    public final JsonNode json;
    private final ByteBuffer file;
    private final JsonNode header;
    private final int data;

    public Golden() {
        try {
            json = new ObjectMapper().readTree(Path.of("tests/fixtures/schedulers.json").toFile());
            file = ByteBuffer.wrap(Files.readAllBytes(Path.of("tests/fixtures/schedulers.safetensors")))
                .order(ByteOrder.LITTLE_ENDIAN);
            int length = (int) file.getLong(0);
            header = new ObjectMapper().readTree(file.array(), 8, length);
            data = 8 + length;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All values of a tensor. */
    public float[] values(String name) {
        JsonNode entry = header.get(name);
        if (entry == null) {
            throw new IllegalArgumentException("fixture: no tensor " + name);
        }
        int from = entry.get("data_offsets").get(0).intValue();
        int to = entry.get("data_offsets").get(1).intValue();
        float[] out = new float[(to - from) / 4];
        file.slice(data + from, to - from).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(out);
        return out;
    }

    /** The outermost dimension's entries. */
    public List<float[]> rows(String name) {
        float[] all = values(name);
        int rows = header.get(name).get("shape").get(0).intValue();
        List<float[]> out = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            out.add(Arrays.copyOfRange(all, i * all.length / rows, (i + 1) * all.length / rows));
        }
        return out;
    }

    /** One [1, 4, 4, 4] image of the fixtures, channels moved last. */
    public static Tensor upload(Ops ops, float[] nchw) {
        float[] nhwc = new float[64];
        for (int i = 0; i < 64; i++) {
            nhwc[i % 16 * 4 + i / 16] = nchw[i];
        }
        return ops.upload(nhwc, LATENTS);
    }

    /** The inverse of {@link #upload}. */
    public static float[] download(Ops ops, Tensor t) {
        float[] nhwc = ops.download(t);
        float[] nchw = new float[64];
        for (int i = 0; i < 64; i++) {
            nchw[i] = nhwc[i % 16 * 4 + i / 16];
        }
        return nchw;
    }

    /** The synthetic network of the fixtures: sin(1.3 x + t / 1000); notes the timestep of each call. */
    public static Predictor network(List<Double> calls) {
        return (ops, x, t) -> {
            calls.add(t);
            float[] v = ops.download(x);
            for (int i = 0; i < v.length; i++) {
                v[i] = (float) Math.sin(1.3 * v[i] + t / 1000);
            }
            return ops.upload(v, x.shape());
        };
    }

    public static double[] doubles(JsonNode array) {
        double[] out = new double[array.size()];
        for (int i = 0; i < out.length; i++) {
            out[i] = array.get(i).doubleValue();
        }
        return out;
    }

    /** ||a - b|| / ||b||. */
    public static double relativeError(float[] a, float[] b) {
        double error = 0;
        double norm = 0;
        for (int i = 0; i < b.length; i++) {
            error += ((double) a[i] - b[i]) * ((double) a[i] - b[i]);
            norm += (double) b[i] * b[i];
        }
        return a.length == b.length ? Math.sqrt(error / norm) : Double.NaN;
    }
}
