package org.daguerre.upscale;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.daguerre.reference.ReferenceBackend;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Ops;
import org.daguerre.testing.Goldens;
import org.daguerre.weights.Checkpoint;
import org.daguerre.weights.CheckpointKind;
import org.daguerre.weights.Checkpoints;
import org.daguerre.weights.SafetensorsWriter;
import org.daguerre.weights.SingleFile;
import org.daguerre.weights.Weights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RRDB networks of other factors than four, in old names, against the network written out in loops. */
class EsrganScalesTest {
    @TempDir
    Path folder;

    /** One picture, [channel][row][column]. */
    private record Map3(double[][][] v) {
        static Map3 zeros(int c, int h, int w) {
            return new Map3(new double[c][h][w]);
        }

        int channels() {
            return v.length;
        }

        Map3 plus(Map3 other, double factor) {
            Map3 y = zeros(v.length, v[0].length, v[0][0].length);
            for (int c = 0; c < v.length; c++) {
                for (int i = 0; i < v[0].length; i++) {
                    for (int j = 0; j < v[0][0].length; j++) {
                        y.v[c][i][j] = v[c][i][j] + factor * other.v[c][i][j];
                    }
                }
            }
            return y;
        }

        Map3 times(double factor) {
            return plus(this, factor - 1);
        }

        Map3 leaky() {
            Map3 y = plus(this, 0);
            for (double[][] plane : y.v) {
                for (double[] row : plane) {
                    for (int j = 0; j < row.length; j++) {
                        row[j] = row[j] < 0 ? 0.2 * row[j] : row[j];
                    }
                }
            }
            return y;
        }

        Map3 doubled() {
            Map3 y = zeros(v.length, 2 * v[0].length, 2 * v[0][0].length);
            for (int c = 0; c < v.length; c++) {
                for (int i = 0; i < y.v[0].length; i++) {
                    for (int j = 0; j < y.v[0][0].length; j++) {
                        y.v[c][i][j] = v[c][i / 2][j / 2];
                    }
                }
            }
            return y;
        }

        Map3 beside(Map3 other) {
            double[][][] all = Arrays.copyOf(v, v.length + other.v.length);
            System.arraycopy(other.v, 0, all, v.length, other.v.length);
            return new Map3(all);
        }
    }

    /** The network in loops; weights under today's names. */
    private record Loops(Map<String, float[]> weights, int blocks, int doublings) {
        Map3 conv(String name, Map3 x) {
            float[] w = weights.get(name + ".weight");
            float[] b = weights.get(name + ".bias");
            int h = x.v[0].length;
            int width = x.v[0][0].length;
            Map3 y = Map3.zeros(b.length, h, width);
            for (int o = 0; o < b.length; o++) {
                for (int i = 0; i < h; i++) {
                    for (int j = 0; j < width; j++) {
                        double sum = b[o];
                        for (int c = 0; c < x.channels(); c++) {
                            for (int k = 0; k < 9; k++) {
                                int row = i + k / 3 - 1;
                                int column = j + k % 3 - 1;
                                boolean inside = row >= 0 && row < h && column >= 0 && column < width;
                                sum += inside ? w[(o * x.channels() + c) * 9 + k] * x.v[c][row][column] : 0;
                            }
                        }
                        y.v[o][i][j] = sum;
                    }
                }
            }
            return y;
        }

        Map3 dense(String name, Map3 x) {
            Map3 all = x;
            for (int c = 1; c <= 4; c++) {
                all = all.beside(conv(name + ".conv" + c, all).leaky());
            }
            return x.plus(conv(name + ".conv5", all), 0.2);
        }

        Map3 forward(Map3 x) {
            Map3 start = conv("conv_first", x);
            Map3 h = start;
            for (int b = 0; b < blocks; b++) {
                Map3 inner = h;
                for (int d = 1; d <= 3; d++) {
                    inner = dense("body." + b + ".rdb" + d, inner);
                }
                h = h.plus(inner, 0.2);
            }
            h = start.plus(conv("conv_body", h), 1);
            for (int u = 1; u <= doublings; u++) {
                h = conv("conv_up" + u, h.doubled()).leaky();
            }
            return conv("conv_last", conv("conv_hr", h).leaky());
        }
    }

    /** The weights of the tiny network for a factor of four; each further doubling gets those of the first. */
    private static Map<String, HostTensor> weights(int doublings) {
        Map<String, HostTensor> all = new HashMap<>();
        try (Checkpoint file = Checkpoints.open(Goldens.model("tiny-esrgan").resolve("x4.safetensors"))) {
            for (String name : file.names()) {
                boolean up = name.startsWith("conv_up");
                if (!up) {
                    all.put(name, file.tensor(name));
                }
            }
            for (int u = 1; u <= doublings; u++) {
                for (String kind : List.of(".weight", ".bias")) {
                    all.put("conv_up" + u + kind, file.tensor("conv_up" + (u == 2 ? 2 : 1) + kind));
                }
            }
        }
        return all;
    }

    private static int blocks(Map<String, HostTensor> weights) {
        int n = 0;
        while (weights.containsKey("body." + n + ".rdb1.conv1.weight")) {
            n++;
        }
        return n;
    }

    private static Map<String, float[]> floats(Map<String, HostTensor> weights) {
        Map<String, float[]> all = new HashMap<>();
        weights.forEach((name, t) -> all.put(name, t.toFloats()));
        return all;
    }

    private static Map3 picture(float[] v, int h, int w) {
        Map3 x = Map3.zeros(3, h, w);
        for (int i = 0; i < v.length; i++) {
            x.v[i / (h * w)][i / w % h][i % w] = v[i];
        }
        return x;
    }

    private static float[] flat(Map3 x) {
        List<Double> all = new ArrayList<>();
        for (double[][] plane : x.v) {
            for (double[] row : plane) {
                for (double value : row) {
                    all.add(value);
                }
            }
        }
        float[] v = new float[all.size()];
        for (int i = 0; i < v.length; i++) {
            v[i] = all.get(i).floatValue();
        }
        return v;
    }

    /** The loops themselves, against the published implementation's result. */
    @Test
    void theLoopsAreTheNetwork() {
        Map<String, HostTensor> weights = weights(2);
        try (Goldens golden = Goldens.open("tiny-esrgan", "components")) {
            HostTensor x = golden.get("x4/input");
            Map3 y = new Loops(floats(weights), blocks(weights), 2)
                .forward(picture(x.toFloats(), x.shape().dim(2), x.shape().dim(3)));
            golden.check("x4/output", flat(y), 1e-5);
        }
    }

    /** The old name of a module of a network that doubles {@code u} times, as its layers are numbered one behind the other. */
    private static String numbered(String module, int blocks, int u) {
        return switch (module) {
            case "conv_first" -> "model.0";
            case "conv_body" -> "model.1.sub." + blocks;
            case "conv_up1" -> "model.3";
            case "conv_up2" -> "model.6";
            case "conv_up3" -> "model.9";
            case "conv_hr" -> "model." + new int[] {2, 5, 8, 11}[u];
            case "conv_last" -> "model." + new int[] {4, 7, 10, 13}[u];
            default -> module.replace("body.", "model.1.sub.").replace(".rdb", ".RDB") + ".0";
        };
    }

    private static String firstRelease(String module) {
        return switch (module) {
            case "conv_body" -> "trunk_conv";
            case "conv_up1" -> "upconv1";
            case "conv_up2" -> "upconv2";
            case "conv_hr" -> "HRconv";
            default -> module.replace("body.", "RRDB_trunk.").replace(".rdb", ".RDB");
        };
    }

    @ParameterizedTest
    @CsvSource({"numbered, 0", "numbered, 1", "numbered, 2", "numbered, 3", "first release, 1", "first release, 2", "new, 0", "new, 3"})
    void otherFactors(String names, int doublings) {
        Map<String, HostTensor> weights = weights(doublings);
        int blocks = blocks(weights);
        List<HostTensor> renamed = new ArrayList<>();
        weights.forEach((name, t) -> {
            String module = name.substring(0, name.lastIndexOf('.'));
            String old = names.equals("numbered") ? numbered(module, blocks, doublings)
                : names.equals("new") ? module : firstRelease(module);
            renamed.add(t.withName(old + name.substring(name.lastIndexOf('.'))));
        });
        Path file = folder.resolve("net.safetensors");
        SafetensorsWriter.write(file, renamed, Map.of());
        float[] input = new float[3 * 6 * 5];
        Random random = new Random(3);
        for (int i = 0; i < input.length; i++) {
            input[i] = random.nextFloat();
        }
        try (SingleFile single = SingleFile.open(file); ReferenceBackend backend = new ReferenceBackend(); Ops ops = Ops.on(backend)) {
            assertEquals(CheckpointKind.UPSCALER, single.recognition().kind());
            assertEquals(1 << doublings, single.config("upscaler").getInt("scale"));
            Weights view = Weights.of(single.weights("upscaler"));
            try (RrdbNet net = RrdbNet.load(Ops.on(backend), view)) {
                assertEquals(Set.of(), view.unused());
                assertEquals(1 << doublings, net.scale());
                float[] found = ops.download(ops.toNchw(net.forward(ops, ops.toNhwc(ops.upload(input, 1, 3, 6, 5), ops.type()))));
                float[] expected = flat(new Loops(floats(weights), blocks, doublings).forward(picture(input, 6, 5)));
                Goldens.close(names + " x" + (1 << doublings), expected, found, 1e-5);
            }
        }
    }
}
